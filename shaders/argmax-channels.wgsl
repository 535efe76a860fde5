// The channel with the greatest or least value of every pixel: turns a segmentation network's scores into classes.
// Among equal values the first or the last one wins; NaN wins over every number.
//
//   y[n, h, w] = argmax_c x[n, c, h, w]      or argmin
//
// x         [N, H, W, C/4] vec4, possibly a part of a larger tensor
// y         [N, H, W] int32
//
// One invocation makes one pixel and goes through its channels four at a time: a quarter of the loads of the general
// kernel, argmax.wgsl. Values are compared as keys, as there. The lanes past the last channel take no part.

alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  y_offset: u32,
  size: u32,      // pixels
  width: u32,
  height: u32,
  channels: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read_write> y: array<i32>;
@group(0) @binding(2) var<uniform> params: Params;

override INTEGER: bool = false;
override LEAST: bool = false;  // argmin
override LAST: bool = false;   // of equals
override WORKGROUP: u32 = 64;

// The same order as the numbers, both zeros alike; with LEAST the reverse. NaN has the greatest key.
fn keys_of(v: Vec4) -> vec4u {
  var keys = vec4u(0u);
  if (INTEGER) {
    keys = bitcast<vec4u>(vec4i(v)) ^ vec4u(0x80000000u);
  } else {
    let bits = bitcast<vec4u>(vec4f(v));
    let magnitude = bits & vec4u(0x7fffffffu);
    keys = select(0x80000000u + magnitude, 0x80000000u - magnitude, bits > vec4u(0x80000000u));
    if (LEAST) { keys = ~keys; }
    return select(keys, vec4u(0xffffffffu), magnitude > vec4u(0x7f800000u));
  }
  return select(keys, ~keys, LEAST);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  let column = i % params.width;
  let row = (i / params.width) % params.height;
  let image = i / params.width / params.height;
  let start = params.x.offset + image * params.x.image + row * params.x.row + column * params.x.pixel;
  var best = 0u;
  var best_key = keys_of(x[start]).x;
  for (var c = 0u; c < params.channels; c += 4u) {
    let keys = keys_of(x[start + c / 4u]);
    if (keys.x > best_key || (LAST && keys.x == best_key)) { best = c; best_key = keys.x; }
    if (c + 1u < params.channels && (keys.y > best_key || (LAST && keys.y == best_key))) { best = c + 1u; best_key = keys.y; }
    if (c + 2u < params.channels && (keys.z > best_key || (LAST && keys.z == best_key))) { best = c + 2u; best_key = keys.z; }
    if (c + 3u < params.channels && (keys.w > best_key || (LAST && keys.w == best_key))) { best = c + 3u; best_key = keys.w; }
  }
  y[params.y_offset + i] = i32(best);
}
