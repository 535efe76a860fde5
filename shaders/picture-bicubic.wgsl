// As picture.wgsl, resized by a cubic filter (Pillow's BICUBIC; Keys 1981, a = -0.5), in one go.
//
//   y[c, i, j] = (Σ_{u,v} w_u · w_v · picture[u, v, c] - mean[c]) / std[c]
//
// picture  texture of RGBA in 0..1, alpha not premultiplied
// y        the network's input: nhwc4 [1, H, W, 1] vec4, or row-major in any order of axes, by its strides
//
// Rows are filtered first and what they overshoot is cut off, then columns, as Pillow does in two passes: here each
// invocation filters the rows that its own pixel needs. Taps beyond the picture's edge do not count. One invocation makes
// all channels of one pixel; up to 4 · reduction taps each way make this the slower way, for networks that were trained so.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct Params {
  source: vec4<f32>,  // x, y, width, height of the part that is seen, in pixels of the picture
  region: vec4<f32>,  // where it goes: x, y, width, height, in pixels of y
  mean: vec4<f32>,
  deviation: vec4<f32>,
  strides: vec4<u32>, // of y in elements: channel, row, column; last, the channels to write
  size: vec2<u32>,    // of y: width, height
  offset: u32,        // of y, in elements
  bars: f32,          // where the picture does not reach
  bgr: u32,
  mirror: u32,        // 1 flips left and right
}

@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(2) var<uniform> params: Params;

// The colour over white: what is transparent is as bright as an empty page.
fn colour_at(at: vec2i) -> vec3f {
  let colour = textureLoad(picture, at, 0);
  return clamp(colour.rgb * colour.a + 1.0 - colour.a, vec3f(0.0), vec3f(1.0));
}

fn weight_at(distance: f32) -> f32 {
  let d = abs(distance);
  if (d < 1.0) { return (1.5 * d - 2.5) * d * d + 1.0; }
  if (d < 2.0) { return ((-0.5 * d + 2.5) * d - 4.0) * d + 2.0; }
  return 0.0;
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  if (gid.x >= params.size.x || gid.y >= params.size.y) { return; }
  let centre_out = vec2f(gid.xy) + 0.5 - params.region.xy;
  var colour = vec3f(params.bars);
  if (all(centre_out >= vec2f(0.0)) && all(centre_out <= params.region.zw)) {
    let limit = vec2i(textureDimensions(picture)) - 1;
    let scale = params.source.zw / params.region.zw;
    var centre = centre_out * scale + params.source.xy;
    if (params.mirror == 1u) { centre.x = f32(limit.x + 1) - centre.x; }
    let stretch = max(scale, vec2f(1.0));
    let support = 2.0 * stretch;
    let first = clamp(vec2i(floor(centre - support + 0.5)), vec2i(0), limit);
    let last = clamp(vec2i(ceil(centre + support - 0.5)) - 1, first, limit);
    var sum = vec3f(0.0);
    var total = 0.0;
    for (var v = first.y; v <= last.y; v++) {
      var row = vec3f(0.0);
      var row_total = 0.0;
      for (var u = first.x; u <= last.x; u++) {
        let weight = weight_at((f32(u) + 0.5 - centre.x) / stretch.x);
        row += weight * colour_at(vec2i(u, v));
        row_total += weight;
      }
      let weight = weight_at((f32(v) + 0.5 - centre.y) / stretch.y);
      sum += weight * clamp(row / row_total, vec3f(0.0), vec3f(1.0));
      total += weight;
    }
    colour = clamp(sum / total, vec3f(0.0), vec3f(1.0));
  }
  if (params.bgr == 1u) { colour = colour.bgr; }
  let value = vec4f((colour - params.mean.xyz) / params.deviation.xyz, 0.0);
  let at = params.offset + gid.y * params.strides.y + gid.x * params.strides.z;
  for (var c = 0u; c < params.strides.w; c++) { y[at + c * params.strides.x] = Scalar(value[c]); }
}
