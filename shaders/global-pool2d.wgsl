// Global pooling: the mean or the greatest of all pixels of each channel.
//
//   y[n, c] = Σ_p x[n, p, c] / (H·W)      or      max_p x[n, p, c]
//
// x  [N, H, W, C/4] vec4     y  [N, 1, 1, C/4] vec4
//
// A workgroup makes BLOCKS neighbouring vec4s of channels of one image with LANES invocations for each: invocation
// (block, lane) goes through the pixels lane, lane + LANES, …, and BLOCKS invocations side by side read one run of
// memory. The LANES partial results then meet in workgroup memory, halving at each step.
//
// With LANES = 1 this is the plain kernel, one invocation per vec4 of y and no barrier; it leaves a GPU idle, since a
// picture has few channels. Summing in LANES parts also errs less than one long sum.

alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  y: View,
  height: u32,
  width: u32,
  channels: u32,
  lowest: f32,  // -Infinity, which WGSL cannot spell
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(2) var<uniform> params: Params;

override MEAN: bool = true;
override BLOCKS: u32 = 8;
override LANES: u32 = 16;  // a power of two

var<workgroup> partial: array<vec4f, BLOCKS * LANES>;

// A test of the bits: compilers may assume that there is no NaN.
fn is_nan(v: vec4f) -> vec4<bool> { return (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u); }

fn combine(a: vec4f, b: vec4f) -> vec4f {
  if (MEAN) { return a + b; }
  return select(b, a, is_nan(a) | (a > b));
}

@compute @workgroup_size(BLOCKS, LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let block = group.x * BLOCKS + local.x;
  let exists = block < (params.channels + 3u) / 4u;
  let start = params.x.offset + group.y * params.x.image + block;
  var total = vec4f(select(params.lowest, 0.0, MEAN));
  if (exists) {
    for (var pixel = local.y; pixel < params.height * params.width; pixel += LANES) {
      let at = start + pixel / params.width * params.x.row + pixel % params.width * params.x.pixel;
      total = combine(total, vec4f(x[at]));
    }
  }
  if (LANES > 1u) {
    let slot = local.y * BLOCKS + local.x;
    partial[slot] = total;
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
      workgroupBarrier();
      if (local.y < half) { partial[slot] = combine(partial[slot], partial[slot + half * BLOCKS]); }
    }
    total = partial[slot];
  }
  if (exists && local.y == 0u) {
    if (MEAN) { total /= f32(params.height * params.width); }
    let lanes = block * 4u + vec4u(0u, 1u, 2u, 3u);
    let result = select(vec4f(0.0), total, lanes < vec4u(params.channels));
    y[params.y.offset + group.y * params.y.image + block] = Vec4(result);
  }
}
