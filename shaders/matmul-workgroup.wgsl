// Batched matrix product with broadcasting, with both operands staged in workgroup memory.
//
//   y[…, i, j] = Σ_k a[…, i, k] · b[…, k, j]
//
// a [..., M, K]    b [..., K, N]    y [..., M, N], all row-major; leading axes of extent 1 are repeated
//
// In matmul-tiled an invocation loads 8 numbers for 16 multiply-adds. Here a workgroup of 8 × 8 invocations makes 32 rows ×
// 32 columns, and copies what all of them need into workgroup memory: 32 rows of a and 32 columns of b, 16 steps of k at a
// time. A number from memory then serves 32 multiply-adds. Each invocation multiplies its register tile of 4 × 4 out of
// workgroup memory; two barriers a turn keep copying and multiplying apart. Numbers past an edge count as zero.

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

const TILE = 4u;     // of an invocation, rows and columns
const SIDE = 8u;     // of a workgroup, invocations along x and along y
const DEPTH = 16u;   // steps of k at a time
const EXTENT = SIDE * TILE;

var<workgroup> left: array<f32, DEPTH * EXTENT>;    // [k, row of a]
var<workgroup> right: array<vec4f, DEPTH * SIDE>;  // [k, four columns of b]

@compute @workgroup_size(SIDE, SIDE)
fn main(
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
  @builtin(workgroup_id) group: vec3u,
) {
  var from_a = params.a_offset;
  var from_b = params.b_offset;
  var rest = group.z;
  for (var axis = 8u; axis > 0u; ) {
    axis -= 1u;
    let extent = params.shape[axis / 4u][axis % 4u];
    from_a += rest % extent * params.a_strides[axis / 4u][axis % 4u];
    from_b += rest % extent * params.b_strides[axis / 4u][axis % 4u];
    rest /= extent;
  }
  let first_row = group.y * EXTENT;
  let first_column = group.x * EXTENT;

  var sum0 = vec4f(0.0); var sum1 = sum0; var sum2 = sum0; var sum3 = sum0;
  for (var k = 0u; k < params.depth; k += DEPTH) {
    for (var i = index; i < DEPTH * EXTENT; i += SIDE * SIDE) {
      // Neighbours load neighbouring steps of a row.
      let at = vec2u(first_row + i / DEPTH, k + i % DEPTH);
      let inside = at.x < params.rows && at.y < params.depth;
      let nearest = min(at, vec2u(params.rows, params.depth) - 1u);
      left[i % DEPTH * EXTENT + i / DEPTH] = select(0.0, f32(a[from_a + nearest.x * params.depth + nearest.y]), inside);
    }
    for (var i = index; i < DEPTH * SIDE; i += SIDE * SIDE) {
      let row = k + i / SIDE;
      let columns = first_column + i % SIDE * TILE + vec4u(0u, 1u, 2u, 3u);
      let j = from_b + min(row, params.depth - 1u) * params.columns + min(columns, vec4u(params.columns - 1u));
      let four = vec4f(f32(b[j.x]), f32(b[j.y]), f32(b[j.z]), f32(b[j.w]));
      right[i] = select(vec4f(0.0), four, vec4<bool>(row < params.depth) & (columns < vec4u(params.columns)));
    }
    workgroupBarrier();
    for (var d = 0u; d < DEPTH; d++) {
      let four = right[d * SIDE + local.x];
      let mine = d * EXTENT + local.y * TILE;
      sum0 += left[mine] * four;
      sum1 += left[mine + 1u] * four;
      sum2 += left[mine + 2u] * four;
      sum3 += left[mine + 3u] * four;
    }
    workgroupBarrier();
  }

  let row = first_row + local.y * TILE;
  let column = first_column + local.x * TILE;
  if (row >= params.rows || column >= params.columns) { return; }
  var sums = array<vec4f, 4>(sum0, sum1, sum2, sum3);
  for (var i = 0u; i < min(TILE, params.rows - row); i++) {
    let to = params.y_offset + (group.z * params.rows + row + i) * params.columns + column;
    for (var j = 0u; j < min(TILE, params.columns - column); j++) { y[to + j] = Scalar(sums[i][j]); }
  }
}
