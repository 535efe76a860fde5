// Batched matrix product with broadcasting, as the definition says it: the baseline.
//
//   y[…, i, j] = Σ_k a[…, i, k] · b[…, k, j]
//
// a [..., M, K]    b [..., K, N]    y [..., M, N], all row-major; leading axes of extent 1 are repeated
//
// One invocation makes one number of y. It loads two numbers for each multiply-add; the tiled variant loads a half.

alias Scalar = f32;

struct Params {
  shape: array<vec4<u32>, 2>,      // leading axes of y, the last one last; unused ones have extent 1
  a_strides: array<vec4<u32>, 2>,  // in elements, 0 where a is repeated
  b_strides: array<vec4<u32>, 2>,
  a_offset: u32,
  b_offset: u32,
  y_offset: u32,
  size: u32,     // elements of y
  rows: u32,     // M
  columns: u32,  // N
  depth: u32,    // K
}

@group(0) @binding(0) var<storage, read> a: array<Scalar>;
@group(0) @binding(1) var<storage, read> b: array<Scalar>;
@group(0) @binding(2) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(3) var<uniform> params: Params;

override WORKGROUP: u32 = 64;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  let column = i % params.columns;
  let row = (i / params.columns) % params.rows;
  var rest = i / params.columns / params.rows;
  var from_a = params.a_offset + row * params.depth;
  var from_b = params.b_offset + column;
  for (var axis = 8u; axis > 0u; ) {
    axis -= 1u;
    let extent = params.shape[axis / 4u][axis % 4u];
    from_a += rest % extent * params.a_strides[axis / 4u][axis % 4u];
    from_b += rest % extent * params.b_strides[axis / 4u][axis % 4u];
    rest /= extent;
  }
  var sum = 0.0;
  for (var k = 0u; k < params.depth; k++) { sum += f32(a[from_a + k]) * f32(b[from_b + k * params.columns]); }
  y[params.y_offset + i] = Scalar(sum);
}
