// Softmax over the channels of every pixel, or its logarithm: what ends a segmentation network.
//
//   y_c = exp(x_c - m) / s      log: y_c = x_c - m - log(s)      with m = max_c x_c, s = Σ_c exp(x_c - m)
//
// x, y      [N, H, W, C/4] vec4, possibly parts of larger tensors
//
// One invocation makes one pixel and goes through its channels three times (maximum, sum, result), four at a time.
// The general kernel, softmax.wgsl, loads them one by one: this one needs a quarter of its loads and stores.
// The lanes past the last channel take no part and stay zero.

alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  y: View,
  size: u32,      // pixels
  width: u32,
  height: u32,
  channels: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(2) var<uniform> params: Params;

override LOG: bool = false;
override WORKGROUP: u32 = 64;

// Tests of the bits: compilers may assume that there is no NaN and no infinity.
fn is_nan(v: vec4f) -> vec4<bool> { return (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u); }
fn is_finite(v: f32) -> bool { return (bitcast<u32>(v) & 0x7f800000u) != 0x7f800000u; }

// The greater of two, NaN before all.
fn greater(a: vec4f, b: vec4f) -> vec4f { return select(b, a, is_nan(a) | (a > b)); }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  let column = i % params.width;
  let row = (i / params.width) % params.height;
  let image = i / params.width / params.height;
  let start = params.x.offset + image * params.x.image + row * params.x.row + column * params.x.pixel;
  let to = params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel;
  let whole = params.channels / 4u;
  let rest = vec4u(0u, 1u, 2u, 3u) < vec4u(params.channels % 4u);
  let first = f32(x[start].x);

  var most = vec4f(first);
  for (var block = 0u; block < whole; block++) { most = greater(most, vec4f(x[start + block])); }
  if (rest.x) { most = greater(most, select(vec4f(first), vec4f(x[start + whole]), rest)); }
  most = greater(most, most.zwxy);
  let greatest = greater(most, most.yxwz).x;

  var sums = vec4f(0.0);
  for (var block = 0u; block < whole; block++) { sums += exp(vec4f(x[start + block]) - greatest); }
  if (rest.x) { sums += select(vec4f(0.0), exp(vec4f(x[start + whole]) - greatest), rest); }
  let sum = sums.x + sums.y + sums.z + sums.w;

  for (var block = 0u; block * 4u < params.channels; block++) {
    let shifted = vec4f(x[start + block]) - greatest;
    var result = vec4f(0.0);
    if (LOG) { result = shifted - log(sum); } else { result = exp(shifted) / sum; }
    if (!is_finite(greatest)) { result = vec4f(bitcast<f32>(bitcast<u32>(greatest) | 0x7fc00000u)); }
    if (block == whole) { result = select(vec4f(0.0), result, rest); }
    y[to + block] = Vec4(result);
  }
}
