// Conversion to another type. To int32 the fraction is cut off, values beyond the range are clamped and NaN becomes 0;
// to bool every value but 0 is true, NaN too; to float32 it is the nearest number that there is.
//
// x  any tensor as vec4s     y  the same as vec4s; int32 and bool, in which true is 1, are int32
//
// FLAT: both are contiguous and the i-th vec4 of one answers the i-th of the other. Otherwise both are nhwc4
// [N, H, W, C/4], possibly parts of larger tensors. Zero becomes zero, so padding lanes need no care.
// One invocation makes one vec4. Where y is float32, the host exchanges the types of From and To.

alias Vec4 = vec4<f32>;
alias From = Vec4;
alias To = vec4i;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  y: View,
  size: u32,      // vec4s of y
  width: u32,
  height: u32,
  channels: u32,
}

@group(0) @binding(0) var<storage, read> x: array<From>;
@group(0) @binding(1) var<storage, read_write> y: array<To>;
@group(0) @binding(2) var<uniform> params: Params;

override TO_BOOL: bool = false;
override TO_FLOAT: bool = false;
override FLAT: bool = true;
override WORKGROUP: u32 = 64;

fn convert(v: From) -> To {
  if (TO_FLOAT) { return To(v); }
  if (TO_BOOL) { return select(To(1), To(0), v == From()); }
  // WGSL leaves the conversion of NaN and of values beyond the range open: handle them here.
  let wide = vec4f(v);
  let is_nan = (bitcast<vec4u>(wide) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
  let is_large = wide >= vec4f(2147483648.0);
  let is_small = wide <= vec4f(-2147483648.0);
  let inside = select(wide, vec4f(0.0), is_nan | is_large | is_small);
  return To(select(select(vec4i(inside), vec4i(2147483647), is_large), vec4i(-2147483647 - 1), is_small));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  if (FLAT) {
    y[params.y.offset + i] = convert(x[params.x.offset + i]);
    return;
  }
  let blocks = (params.channels + 3u) / 4u;
  let block = i % blocks;
  let column = (i / blocks) % params.width;
  let row = (i / blocks / params.width) % params.height;
  let image = i / blocks / params.width / params.height;
  let source = params.x.offset + image * params.x.image + row * params.x.row + column * params.x.pixel + block;
  let to = params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block;
  y[to] = convert(x[source]);
}
