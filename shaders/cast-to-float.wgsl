// Conversion of int32 or bool to float32: y = x, to the nearest number that there is.
//
// x  any tensor as vec4s of int32     y  the same as vec4s
//
// FLAT: both are contiguous and the i-th vec4 of one answers the i-th of the other. Otherwise both are nhwc4
// [N, H, W, C/4], possibly parts of larger tensors. Zero becomes zero, so padding lanes need no care.
// One invocation makes one vec4; cast goes the other way.

alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  y: View,
  size: u32,      // vec4s of y
  width: u32,
  height: u32,
  channels: u32,
}

@group(0) @binding(0) var<storage, read> x: array<vec4i>;
@group(0) @binding(1) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(2) var<uniform> params: Params;

override FLAT: bool = true;
override WORKGROUP: u32 = 64;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  if (FLAT) {
    y[params.y.offset + i] = Vec4(x[params.x.offset + i]);
    return;
  }
  let blocks = (params.channels + 3u) / 4u;
  let block = i % blocks;
  let column = (i / blocks) % params.width;
  let row = (i / blocks / params.width) % params.height;
  let image = i / blocks / params.width / params.height;
  let source = params.x.offset + image * params.x.image + row * params.x.row + column * params.x.pixel + block;
  let to = params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block;
  y[to] = Vec4(x[source]);
}
