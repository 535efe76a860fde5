// First half of instance normalisation: the mean and variance of each channel of each image. batch-norm does the rest.
// Ulyanov et al. 2016.
//
//   statistics[n, 0, c] = mean = Σ_p x[n, p, c] / (H·W)
//   statistics[n, 1, c] = Σ_p (x[n, p, c] - mean)² / (H·W)
//
// x           [N, H, W, C/4] vec4
// statistics  [N, 2, C/4] vec4<f32>
//
// Two passes, since the shorter Σx² - (Σx)²/n loses all digits where the mean is large (Chan, Golub and LeVeque 1983).
// As in global-pool2d a workgroup serves BLOCKS neighbouring vec4s of channels with LANES invocations for each, whose
// partial sums meet in workgroup memory; with LANES = 1 there is no barrier.

alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  height: u32,
  width: u32,
  blocks: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read_write> statistics: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

override BLOCKS: u32 = 8;
override LANES: u32 = 16;  // a power of two

var<workgroup> partial: array<vec4f, BLOCKS * LANES>;

// The sum over the lanes of a block, for all of them.
fn sum_lanes(mine: vec4f, local: vec3u) -> vec4f {
  if (LANES == 1u) { return mine; }
  let slot = local.y * BLOCKS + local.x;
  workgroupBarrier();
  partial[slot] = mine;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local.y < half) { partial[slot] += partial[slot + half * BLOCKS]; }
  }
  workgroupBarrier();
  return partial[local.x];
}

@compute @workgroup_size(BLOCKS, LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let block = group.x * BLOCKS + local.x;
  let pixels = select(0u, params.height * params.width, block < params.blocks);
  let start = params.x.offset + group.y * params.x.image + block;
  let count = f32(params.height * params.width);

  // Sums differences from the first pixel, so that a mean far from zero costs no digits.
  let origin = vec4f(x[start]);
  var sum = vec4f(0.0);
  for (var p = local.y; p < pixels; p += LANES) {
    sum += vec4f(x[start + p / params.width * params.x.row + p % params.width * params.x.pixel]) - origin;
  }
  let mean = origin + sum_lanes(sum, local) / count;

  var squares = vec4f(0.0);
  for (var p = local.y; p < pixels; p += LANES) {
    let away = vec4f(x[start + p / params.width * params.x.row + p % params.width * params.x.pixel]) - mean;
    squares += away * away;
  }
  let variance = sum_lanes(squares, local) / count;

  if (pixels > 0u && local.y == 0u) {
    let to = group.y * 2u * params.blocks + block;
    statistics[to] = mean;
    statistics[to + params.blocks] = variance;
  }
}
