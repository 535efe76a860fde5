// Combines the integers along some axes: reduce.wgsl for int32, in integer arithmetic, which float32 could not carry
// beyond 2²⁴. Sums wrap around; a mean and a root are cut towards zero; log-sum-exp is computed in float32.
//
// x, y      any tensor as scalars, row-major or nhwc4
// rows      what remains: up to 4 axes, innermost last, with the steps of x and y along each; a row makes one value
// inner     what is reduced: up to 4 axes with the steps of x; value k of a row is at the index of k in them
//
// One invocation makes one value. Integer tensors are small (indices, shapes, counts), so nothing is shared.
// Rows past `valid` are padding lanes of nhwc4 and get zero.

struct Params {
  rows: vec4<u32>,
  x_steps: vec4<u32>,
  y_steps: vec4<u32>,
  inner: vec4<u32>,
  inner_steps: vec4<u32>,
  count: u32,     // rows
  valid: u32,     // of the innermost axis of rows
  x_offset: u32,
  y_offset: u32,
  length: u32,    // values of a row
  empty: i32,     // what a row without values gives
}

@group(0) @binding(0) var<storage, read> x: array<i32>;
@group(0) @binding(1) var<storage, read_write> y: array<i32>;
@group(0) @binding(2) var<uniform> params: Params;

override FUNCTION: u32 = 0;  // mean, sum, max, min, prod, sum-square, l1, l2, log-sum-exp
override WORKGROUP: u32 = 64;

const MAX = 2u;
const MIN = 3u;
const PROD = 4u;
const LOG_SUM_EXP = 8u;

fn index_of(i: u32, extents: vec4u) -> vec4u {
  let innermost = i / extents.w;
  let middle = innermost / extents.z;
  return vec4u(middle / extents.y, middle % extents.y, innermost % extents.z, i % extents.w);
}

fn value(start: u32, k: u32) -> i32 { return x[start + dot(index_of(k, params.inner), params.inner_steps)]; }

// The largest integer whose square is at most v: float32's root, set right where rounding moved it.
fn root(v: i32) -> i32 {
  if (v <= 0) { return 0; }
  var r = min(u32(sqrt(f32(v))), 46340u);
  if (r * r > u32(v)) { r--; }
  if ((r + 1u) * (r + 1u) <= u32(v)) { r++; }
  return i32(r);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = gid.x + gid.y * groups.x * WORKGROUP;
  if (row >= params.count) { return; }
  let index = index_of(row, params.rows);
  let to = params.y_offset + dot(index, params.y_steps);
  if (index.w >= params.valid) { y[to] = 0; return; }
  if (params.length == 0u) { y[to] = params.empty; return; }
  let start = params.x_offset + dot(index, params.x_steps);

  var greatest = value(start, 0u);
  var least = greatest;
  var fold = select(0, 1, FUNCTION == PROD);
  for (var k = 0u; k < params.length; k++) {
    let v = value(start, k);
    greatest = max(greatest, v);
    least = min(least, v);
    switch (FUNCTION) {
      case PROD: { fold *= v; }
      case 5u, 7u: { fold += v * v; }  // sum-square, l2
      case 6u: { fold += abs(v); }     // l1
      default: { fold += v; }
    }
  }
  switch (FUNCTION) {
    case 0u: { fold /= i32(params.length); }  // mean
    case MAX: { fold = greatest; }
    case MIN: { fold = least; }
    case 7u: { fold = root(fold); }
    case LOG_SUM_EXP: {
      var sum = 0.0;
      for (var k = 0u; k < params.length; k++) { sum += exp(f32(value(start, k)) - f32(greatest)); }
      fold = i32(log(sum) + f32(greatest));
    }
    default: {}
  }
  y[to] = fold;
}
