// Batched matrix product with broadcasting, in register tiles of 4 × 4.
//
//   y[…, i, j] = Σ_k a[…, i, k] · b[…, k, j]
//
// a [..., M, K]    b [..., K, N]    y [..., M, N], all row-major; leading axes of extent 1 are repeated
//
// One invocation makes 4 rows × 4 columns: for each k it loads 4 numbers of a and 4 of b and does 16 multiply-adds,
// where the naive kernel loads 2 for each. Rows need not start at multiples of four numbers, so that all loads are of
// single numbers; neighbours along x read neighbouring columns of b. Indices past the edge repeat the last row or
// column and are not stored.

alias Scalar = f32;

struct Params {
  shape: array<vec4<u32>, 2>,      // leading axes of y, the last one last; unused ones have extent 1
  a_strides: array<vec4<u32>, 2>,  // in elements, 0 where a is repeated
  b_strides: array<vec4<u32>, 2>,
  a_offset: u32,
  b_offset: u32,
  y_offset: u32,
  matrices: u32,
  rows: u32,     // M
  columns: u32,  // N
  depth: u32,    // K
}

@group(0) @binding(0) var<storage, read> a: array<Scalar>;
@group(0) @binding(1) var<storage, read> b: array<Scalar>;
@group(0) @binding(2) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(3) var<uniform> params: Params;

const TILE = 4u;
override WORKGROUP_X: u32 = 8;
override WORKGROUP_Y: u32 = 8;
override WORKGROUP_Z: u32 = 1;

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y, WORKGROUP_Z)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  let column = gid.x * TILE;
  let row = gid.y * TILE;
  if (column >= params.columns || row >= params.rows || gid.z >= params.matrices) { return; }
  var from_a = params.a_offset;
  var from_b = params.b_offset;
  var rest = gid.z;
  for (var axis = 8u; axis > 0u; ) {
    axis -= 1u;
    let extent = params.shape[axis / 4u][axis % 4u];
    from_a += rest % extent * params.a_strides[axis / 4u][axis % 4u];
    from_b += rest % extent * params.b_strides[axis / 4u][axis % 4u];
    rest /= extent;
  }
  let lanes = vec4u(0u, 1u, 2u, 3u);
  let a_row = from_a + min(row + lanes, vec4u(params.rows - 1u)) * params.depth;
  let b_column = from_b + min(column + lanes, vec4u(params.columns - 1u));

  var sum0 = vec4f(0.0); var sum1 = sum0; var sum2 = sum0; var sum3 = sum0;
  for (var k = 0u; k < params.depth; k++) {
    let j = b_column + k * params.columns;
    let right = vec4f(f32(b[j.x]), f32(b[j.y]), f32(b[j.z]), f32(b[j.w]));
    sum0 += f32(a[a_row.x + k]) * right;
    sum1 += f32(a[a_row.y + k]) * right;
    sum2 += f32(a[a_row.z + k]) * right;
    sum3 += f32(a[a_row.w + k]) * right;
  }

  var sums = array<vec4f, 4>(sum0, sum1, sum2, sum3);
  for (var i = 0u; i < min(TILE, params.rows - row); i++) {
    let to = params.y_offset + (gid.z * params.rows + row + i) * params.columns + column;
    for (var j = 0u; j < min(TILE, params.columns - column); j++) { y[to + j] = Scalar(sums[i][j]); }
  }
}
