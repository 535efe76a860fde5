// Scaled dot-product attention whose scores never lie in memory (online softmax: Milakov and Gimelshein 2018;
// FlashAttention: Dao et al. 2022).
//
//   y[…, i, :] = Σ_j exp(s_j - m) · v[…, j, :] / Σ_j exp(s_j - m)
//   s_j = scale · q[…, i, :] · k[…, j, :] + mask[…, i, j]      m = max_j s_j
//
// q [..., M, D]    k [..., N, D]    v [..., N, E]    y [..., M, E], row-major, D and E multiples of 4, E at most 128: as
// vec4s. mask [..., M, N] as scalars. The leading axes of q, k and v, and all of the mask's, are repeated where their
// stride is 0.
//
// LANES invocations make the output of one query. In each turn every one of them computes the score of one key; then all
// take the greatest score so far, each turns its own score into a weight, and each adds up all weighted values of its
// channels, a vec4 or two. A greater score than before scales down what was added up. Scores and weights of a turn are
// all that workgroup memory holds.
// The naive kernel, attention-naive.wgsl, computes each score 2 · E times.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct Params {
  shape: array<vec4<u32>, 2>,      // leading axes of y, the last one last; unused ones have extent 1
  q_strides: array<vec4<u32>, 2>,  // in vec4s
  k_strides: array<vec4<u32>, 2>,
  v_strides: array<vec4<u32>, 2>,
  mask_strides: array<vec4<u32>, 2>,  // in elements
  q_offset: u32,
  k_offset: u32,
  v_offset: u32,
  y_offset: u32,
  mask_offset: u32,
  mask_row: u32,  // from one query to the next
  mask_key: u32,
  queries: u32,   // M
  keys: u32,      // N
  depth: u32,     // D / 4
  width: u32,     // E / 4
  scale: f32,
  groups: u32,    // workgroups of a matrix
  size: u32,      // workgroups
}

@group(0) @binding(0) var<storage, read> q: array<Vec4>;
@group(0) @binding(1) var<storage, read> k: array<Vec4>;
@group(0) @binding(2) var<storage, read> v: array<Vec4>;
@group(0) @binding(3) var<storage, read> mask: array<Scalar>;
@group(0) @binding(4) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(5) var<uniform> params: Params;

override MASKED: bool = false;

const LANES = 16u;
const QUERIES = 4u;  // of a workgroup
const LEAST = -0x1.fffffep127f;

var<workgroup> scores: array<f32, LANES * QUERIES>;
var<workgroup> weights: array<f32, LANES * QUERIES>;

@compute @workgroup_size(LANES, QUERIES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) local: vec3u,
) {
  let job = group.x + group.y * groups.x;
  if (job >= params.size) { return; }
  let lane = local.x;
  let row = local.y * LANES;
  // Past the last query the last one is computed again and not stored: every invocation must reach the barriers.
  let place = job % params.groups * QUERIES + local.y;
  let query = min(place, params.queries - 1u);

  var rest = job / params.groups;
  let to = params.y_offset + (rest * params.queries + query) * params.width;
  var from_q = params.q_offset + query * params.depth;
  var from_k = params.k_offset;
  var from_v = params.v_offset;
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

  let e0 = min(lane, params.width - 1u);
  let e1 = min(lane + LANES, params.width - 1u);
  var greatest = LEAST;
  var total = 0.0;
  var sum0 = vec4f(0.0);
  var sum1 = vec4f(0.0);
  for (var first = 0u; first < params.keys; first += LANES) {
    let key = min(first + lane, params.keys - 1u);
    var score = 0.0;
    for (var d = 0u; d < params.depth; d++) {
      score += dot(vec4f(q[from_q + d]), vec4f(k[from_k + key * params.depth + d]));
    }
    score *= params.scale;
    if (MASKED) { score += f32(mask[from_mask + key * params.mask_key]); }
    scores[row + lane] = score;
    workgroupBarrier();

    var highest = greatest;
    for (var j = 0u; j < LANES; j++) { highest = max(highest, scores[row + j]); }
    // Past the last key the last one came again, and weighs nothing.
    weights[row + lane] = select(0.0, exp(score - highest), first + lane < params.keys);
    workgroupBarrier();

    let factor = exp(greatest - highest);
    greatest = highest;
    total *= factor;
    sum0 *= factor;
    sum1 *= factor;
    for (var j = 0u; j < min(LANES, params.keys - first); j++) {
      let weight = weights[row + j];
      let v_row = from_v + (first + j) * params.width;
      total += weight;
      sum0 += weight * vec4f(v[v_row + e0]);
      if (params.width > LANES) { sum1 += weight * vec4f(v[v_row + e1]); }
    }
  }

  if (place < params.queries) {
    if (lane < params.width) { y[to + lane] = Vec4(sum0 / total); }
    if (lane + LANES < params.width) { y[to + lane + LANES] = Vec4(sum1 / total); }
  }
}
