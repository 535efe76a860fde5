// Softmax along one axis, or its logarithm, shifted by the greatest value so that nothing overflows:
//
//   y_k = exp(x_k - m) / s      log: y_k = x_k - m - log(s)      with m = max_k x_k, s = Σ_k exp(x_k - m)
//
// x, y      any tensor as scalars, row-major or nhwc4: a row is `length` values `x_stride` apart
// rows      up to 4 axes, innermost last, with the steps of x and y along each
//
// LANES invocations share a row, WORKGROUP / LANES rows a workgroup. Each goes through its share three times
// (maximum, sum, result); the shares meet in workgroup memory, one float per invocation. LANES = 1 is the naive kernel
// and has no barrier: best for many short rows. LANES = WORKGROUP reads a long row side by side and keeps the device
// busy when there are few rows.
//
// From `length` to `written`, and in rows past `valid`, lie padding lanes of nhwc4: they get zero.
// A row with NaN or +infinity, or of nothing but -infinity, is NaN throughout.

alias Scalar = f32;

struct Params {
  rows: vec4<u32>,
  x_steps: vec4<u32>,
  y_steps: vec4<u32>,
  count: u32,     // rows
  valid: u32,     // of the innermost axis of rows
  x_offset: u32,
  y_offset: u32,
  length: u32,
  written: u32,   // length and padding
  x_stride: u32,
  y_stride: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Scalar>;
@group(0) @binding(1) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(2) var<uniform> params: Params;

override LOG: bool = false;
override LANES: u32 = 1;  // a power of two
override WORKGROUP: u32 = 64;

var<workgroup> shares: array<f32, WORKGROUP>;

// Tests of the bits: compilers may assume that there is no NaN and no infinity.
fn is_nan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }
fn is_finite(v: f32) -> bool { return (bitcast<u32>(v) & 0x7f800000u) != 0x7f800000u; }

// The greater of two, NaN before all.
fn greater(a: f32, b: f32) -> f32 { return select(b, a, is_nan(a) || a > b); }

// The greatest of the lanes' values.
fn greatest_of(local: u32, lane: u32, value: f32) -> f32 {
  if (LANES == 1u) { return value; }
  shares[local] = value;
  for (var step = LANES / 2u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (lane < step) { shares[local] = greater(shares[local], shares[local + step]); }
  }
  workgroupBarrier();
  let greatest = shares[local - lane];
  workgroupBarrier();
  return greatest;
}

fn sum_of(local: u32, lane: u32, value: f32) -> f32 {
  if (LANES == 1u) { return value; }
  shares[local] = value;
  for (var step = LANES / 2u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (lane < step) { shares[local] += shares[local + step]; }
  }
  workgroupBarrier();
  return shares[local - lane];
}

fn index_of(row: u32) -> vec4u {
  let innermost = row / params.rows.w;
  let middle = innermost / params.rows.z;
  return vec4u(middle / params.rows.y, middle % params.rows.y, innermost % params.rows.z, row % params.rows.w);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = local % LANES;
  let row = (group.x + group.y * groups.x) * (WORKGROUP / LANES) + local / LANES;
  let index = index_of(row);
  // Invocations past the last row have nothing to do, but must reach the barriers.
  let inside = row < params.count;
  let length = select(0u, params.length, inside && index.w < params.valid);
  let written = select(0u, params.written, inside);
  let start = params.x_offset + dot(index, params.x_steps);
  let to = params.y_offset + dot(index, params.y_steps);

  var greatest = 0.0;
  if (length > 0u) { greatest = f32(x[start]); }
  for (var k = lane; k < length; k += LANES) {
    greatest = greater(greatest, f32(x[start + k * params.x_stride]));
  }
  greatest = greatest_of(local, lane, greatest);

  var sum = 0.0;
  for (var k = lane; k < length; k += LANES) { sum += exp(f32(x[start + k * params.x_stride]) - greatest); }
  sum = sum_of(local, lane, sum);

  for (var k = lane; k < written; k += LANES) {
    var result = 0.0;
    if (k < length) {
      let shifted = f32(x[start + k * params.x_stride]) - greatest;
      if (LOG) { result = shifted - log(sum); } else { result = exp(shifted) / sum; }
      if (!is_finite(greatest)) { result = bitcast<f32>(bitcast<u32>(greatest) | 0x7fc00000u); }
    }
    y[to + k * params.y_stride] = Scalar(result);
  }
}
