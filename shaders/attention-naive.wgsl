// Scaled dot-product attention (Vaswani et al. 2017), the baseline: any sizes, one invocation per output.
//
//   y[…, i, e] = Σ_j exp(s_j - m) · v[…, j, e] / Σ_j exp(s_j - m)
//   s_j = scale · Σ_d q[…, i, d] · k[…, j, d] + mask[…, i, j]      m = max_j s_j
//
// q [..., M, D]    k [..., N, D]    v [..., N, E]    mask [..., M, N]    y [..., M, E], all row-major; the leading axes
// of q, k and v, and all of the mask's, are repeated where their stride is 0
//
// Each invocation computes all scores of its query twice, once for the greatest; so do its E - 1 neighbours.

alias Scalar = f32;

struct Params {
  shape: array<vec4<u32>, 2>,      // leading axes of y, the last one last; unused ones have extent 1
  q_strides: array<vec4<u32>, 2>,  // in elements
  k_strides: array<vec4<u32>, 2>,
  v_strides: array<vec4<u32>, 2>,
  mask_strides: array<vec4<u32>, 2>,
  q_offset: u32,
  k_offset: u32,
  v_offset: u32,
  mask_offset: u32,
  y_offset: u32,
  mask_row: u32,  // from one query to the next
  mask_key: u32,
  queries: u32,   // M
  keys: u32,      // N
  depth: u32,     // D
  width: u32,     // E
  scale: f32,
  size: u32,      // outputs
}

@group(0) @binding(0) var<storage, read> q: array<Scalar>;
@group(0) @binding(1) var<storage, read> k: array<Scalar>;
@group(0) @binding(2) var<storage, read> v: array<Scalar>;
@group(0) @binding(3) var<storage, read> mask: array<Scalar>;
@group(0) @binding(4) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(5) var<uniform> params: Params;

override MASKED: bool = false;
override WORKGROUP: u32 = 64;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  let element = i % params.width;
  let query = i / params.width % params.queries;
  var rest = i / params.width / params.queries;
  var from_q = params.q_offset + query * params.depth;
  var from_k = params.k_offset;
  var from_v = params.v_offset + element;
  var from_mask = params.mask_offset + query * params.mask_row;
  for (var axis = 8u; axis > 0u; ) {
    axis -= 1u;
    let extent = params.shape[axis / 4u][axis % 4u];
    let index = rest % extent;
    rest /= extent;
    from_q += index * params.q_strides[axis / 4u][axis % 4u];
    from_k += index * params.k_strides[axis / 4u][axis % 4u];
    from_v += index * params.v_strides[axis / 4u][axis % 4u];
    from_mask += index * params.mask_strides[axis / 4u][axis % 4u];
  }

  var greatest = -0x1.fffffep127f;
  var total = 0.0;
  var sum = 0.0;
  for (var round = 0u; round < 2u; round++) {
    for (var key = 0u; key < params.keys; key++) {
      var product = 0.0;
      for (var d = 0u; d < params.depth; d++) {
        product += f32(q[from_q + d]) * f32(k[from_k + key * params.depth + d]);
      }
      var score = params.scale * product;
      if (MASKED) { score += f32(mask[from_mask + key * params.mask_key]); }
      if (round == 0u) {
        greatest = max(greatest, score);
      } else {
        let weight = exp(score - greatest);
        total += weight;
        sum += weight * f32(v[from_v + key * params.width]);
      }
    }
  }
  y[params.y_offset + i] = Scalar(sum / total);
}
