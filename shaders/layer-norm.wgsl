// Layer normalisation (Ba et al. 2016, equation 4): each row is brought to mean 0 and variance 1, then scaled.
//
//   y_k = (x_k - mean) / √(variance + ε) · scale_k + bias_k      with mean = Σ x_k / K, variance = Σ (x_k - mean)² / K
//
// x, y         row-major, rows of `length` values one after the other
// scale, bias  [length], or with PER_ROW [channels], as in instance normalisation: one number for each row
//
// LANES invocations share a row, WORKGROUP / LANES rows a workgroup. Each goes through its share three times (mean,
// variance, result): the variance from the differences, as a difference of sums would lose it when the mean is large.
// The shares meet in workgroup memory, one float per invocation. LANES = 1 is the naive kernel, without a barrier;
// LANES = WORKGROUP reads a row side by side, and keeps the device busy when there are few rows.

alias Scalar = f32;

struct Params {
  count: u32,         // rows
  length: u32,
  x_offset: u32,
  y_offset: u32,
  scale_offset: u32,
  bias_offset: u32,
  channels: u32,      // PER_ROW: as many rows after each other have scales of their own
  epsilon: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Scalar>;
@group(0) @binding(1) var<storage, read> scale: array<Scalar>;
@group(0) @binding(2) var<storage, read> bias: array<Scalar>;
@group(0) @binding(3) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(4) var<uniform> params: Params;

override PER_ROW: bool = false;
override LANES: u32 = 1;  // a power of two
override WORKGROUP: u32 = 64;

var<workgroup> shares: array<f32, WORKGROUP>;

fn sum_of(local: u32, lane: u32, share: f32) -> f32 {
  if (LANES == 1u) { return share; }
  shares[local] = share;
  for (var step = LANES / 2u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (lane < step) { shares[local] += shares[local + step]; }
  }
  workgroupBarrier();
  let sum = shares[local - lane];
  workgroupBarrier();
  return sum;
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = local % LANES;
  let row = (group.x + group.y * groups.x) * (WORKGROUP / LANES) + local / LANES;
  // Invocations past the last row have nothing to do, but must reach the barriers.
  let length = select(0u, params.length, row < params.count);
  let start = params.x_offset + row * params.length;
  let to = params.y_offset + row * params.length;

  // Sums differences from the first value, so that a mean far from zero costs no digits.
  let origin = f32(x[start]);
  var sum = 0.0;
  for (var k = lane; k < length; k += LANES) { sum += f32(x[start + k]) - origin; }
  let mean = origin + sum_of(local, lane, sum) / f32(params.length);

  var squares = 0.0;
  for (var k = lane; k < length; k += LANES) {
    let difference = f32(x[start + k]) - mean;
    squares += difference * difference;
  }
  let variance = sum_of(local, lane, squares) / f32(params.length);

  let factor = 1.0 / sqrt(variance + params.epsilon);
  for (var k = lane; k < length; k += LANES) {
    let standard = (f32(x[start + k]) - mean) * factor;
    let at = select(k, row % params.channels, PER_ROW);
    y[to + k] = Scalar(standard * f32(scale[params.scale_offset + at]) + f32(bias[params.bias_offset + at]));
  }
}
