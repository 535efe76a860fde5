// Combines the values along some axes: mean, sum, max, min, prod, sum-square, l1, l2, log-sum-exp.
//
//   y = fold over k of x_k, as mean: Σ x_k / K      l2: √Σ x_k²      log-sum-exp: m + log Σ exp(x_k - m), m = max x_k
//
// x, y      any tensor as scalars, row-major or nhwc4
// rows      what remains: up to 4 axes, innermost last, with the steps of x and y along each; a row makes one value
// inner     what is reduced: up to 4 axes with the steps of x; value k of a row is at the index of k in them
//
// LANES invocations share a row, WORKGROUP / LANES rows a workgroup. Each folds its share in a register; the shares
// meet in workgroup memory, one float per invocation. LANES = 1 is the naive kernel and has no barrier: best for many
// short rows, or when neighbouring rows are neighbours in memory, as the channels of nhwc4 are. LANES = WORKGROUP reads
// a long row side by side, keeps the device busy when there are few rows, and errs less, as its sums are shorter.
//
// Rows past `valid` are padding lanes of nhwc4 and get zero. NaN wins over every number in max and min.

alias Scalar = f32;

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
  empty: f32,     // what a row without values gives
}

@group(0) @binding(0) var<storage, read> x: array<Scalar>;
@group(0) @binding(1) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(2) var<uniform> params: Params;

override FUNCTION: u32 = 0;   // in the order of the first line
override FLAT: bool = false;  // only the last axis of inner has more than one index
override LANES: u32 = 1;      // a power of two
override WORKGROUP: u32 = 64;

const MAX = 2u;
const MIN = 3u;
const PROD = 4u;
const LOG_SUM_EXP = 8u;

var<workgroup> shares: array<f32, WORKGROUP>;

// Tests of the bits: compilers may assume that there is no NaN and no infinity.
fn is_nan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }
fn is_finite(v: f32) -> bool { return (bitcast<u32>(v) & 0x7f800000u) != 0x7f800000u; }

// Two parts of a fold made one.
fn joined(function: u32, a: f32, b: f32) -> f32 {
  switch (function) {
    case MAX: { return select(a, b, is_nan(b) || (b > a && !is_nan(a))); }
    case MIN: { return select(a, b, is_nan(b) || (b < a && !is_nan(a))); }
    case PROD: { return a * b; }
    default: { return a + b; }
  }
}

// The contribution of one value to a fold.
fn term(v: f32) -> f32 {
  switch (FUNCTION) {
    case 5u, 7u: { return v * v; }  // sum-square, l2
    case 6u: { return abs(v); }     // l1
    default: { return v; }
  }
}

// The fold of all lanes' shares.
fn gathered(function: u32, local: u32, lane: u32, share: f32) -> f32 {
  if (LANES == 1u) { return share; }
  shares[local] = share;
  for (var step = LANES / 2u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (lane < step) { shares[local] = joined(function, shares[local], shares[local + step]); }
  }
  workgroupBarrier();
  let whole = shares[local - lane];
  workgroupBarrier();
  return whole;
}

fn index_of(i: u32, extents: vec4u) -> vec4u {
  let innermost = i / extents.w;
  let middle = innermost / extents.z;
  return vec4u(middle / extents.y, middle % extents.y, innermost % extents.z, i % extents.w);
}

fn value(start: u32, k: u32) -> f32 {
  if (FLAT) { return f32(x[start + k * params.inner_steps.w]); }
  return f32(x[start + dot(index_of(k, params.inner), params.inner_steps)]);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = local % LANES;
  let row = (group.x + group.y * groups.x) * (WORKGROUP / LANES) + local / LANES;
  let index = index_of(row, params.rows);
  // Invocations past the last row have nothing to do, but must reach the barriers.
  let inside = row < params.count;
  let length = select(0u, params.length, inside && index.w < params.valid);
  let start = params.x_offset + dot(index, params.x_steps);

  var greatest = 0.0;
  if (FUNCTION == LOG_SUM_EXP) {
    if (length > 0u) { greatest = value(start, 0u); }
    for (var k = lane; k < length; k += LANES) { greatest = joined(MAX, greatest, value(start, k)); }
    greatest = gathered(MAX, local, lane, greatest);
  }

  var fold = 0.0;
  if (FUNCTION == PROD) { fold = 1.0; }
  // Any value of the row can start max and min.
  if ((FUNCTION == MAX || FUNCTION == MIN) && length > 0u) { fold = value(start, 0u); }
  for (var k = lane; k < length; k += LANES) {
    let v = value(start, k);
    if (FUNCTION == LOG_SUM_EXP) { fold += exp(v - greatest); } else { fold = joined(FUNCTION, fold, term(v)); }
  }
  fold = gathered(FUNCTION, local, lane, fold);

  switch (FUNCTION) {
    case 0u: { fold /= f32(params.length); }  // mean
    case 7u: { fold = sqrt(fold); }           // l2
    case LOG_SUM_EXP: { fold = select(greatest, log(fold) + greatest, is_finite(greatest)); }
    default: {}
  }
  if (params.length == 0u) { fold = params.empty; }
  if (inside && lane == 0u) {
    y[params.y_offset + dot(index, params.y_steps)] = Scalar(select(0.0, fold, index.w < params.valid));
  }
}
