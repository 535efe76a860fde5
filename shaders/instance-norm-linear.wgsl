// Instance normalisation of a row-major tensor: each channel of each sample is one run of memory.
//
//   y[n, c, i] = (x[n, c, i] - mean) / sqrt(variance + epsilon) · scale[c] + bias[c]     mean, variance over i
//
// x, y         [N, C, inner]
// scale, bias  [C]
//
// A workgroup makes one channel of one sample: invocation `lane` goes through the elements lane, lane + LANES, … three
// times, for the mean, the variance and the result, with the partial sums meeting in workgroup memory. Two passes for
// the statistics, since Σx² - (Σx)²/n loses all digits where the mean is large. With LANES = 1 there is no barrier.

alias Scalar = f32;

struct Params {
  rows: u32,      // N · C
  channels: u32,
  inner: u32,
  x_offset: u32,
  y_offset: u32,
  scale: u32,     // where each vector starts
  bias: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Scalar>;
@group(0) @binding(1) var<storage, read> scale: array<Scalar>;
@group(0) @binding(2) var<storage, read> bias: array<Scalar>;
@group(0) @binding(3) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(4) var<uniform> params: Params;

override LANES: u32 = 64;  // a power of two

var<workgroup> partial: array<f32, LANES>;

// The sum over all lanes, for all of them.
fn sum_lanes(mine: f32, lane: u32) -> f32 {
  if (LANES == 1u) { return mine; }
  workgroupBarrier();
  partial[lane] = mine;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] += partial[lane + half]; }
  }
  workgroupBarrier();
  return partial[0];
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // The same for the whole workgroup, so that leaving early skips no barrier that others wait at.
  let row = group.x + group.y * groups.x;
  if (row >= params.rows) { return; }
  let start = params.x_offset + row * params.inner;
  let to = params.y_offset + row * params.inner;
  let channel = row % params.channels;

  // Sums differences from the first element, so that a mean far from zero costs no digits.
  let origin = f32(x[start]);
  var sum = 0.0;
  for (var i = lane; i < params.inner; i += LANES) { sum += f32(x[start + i]) - origin; }
  let mean = origin + sum_lanes(sum, lane) / f32(params.inner);

  var squares = 0.0;
  for (var i = lane; i < params.inner; i += LANES) {
    let away = f32(x[start + i]) - mean;
    squares += away * away;
  }
  let variance = sum_lanes(squares, lane) / f32(params.inner);

  let factor = f32(scale[params.scale + channel]) / sqrt(variance + params.epsilon);
  for (var i = lane; i < params.inner; i += LANES) {
    y[to + i] = Scalar((f32(x[start + i]) - mean) * factor + f32(bias[params.bias + channel]));
  }
}
