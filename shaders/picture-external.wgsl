// A frame of video as a network sees it: picture.wgsl for an external texture, which is read where the decoder left it
// and never copied. Its values can lie a little outside 0..1, as video colours do, and are clamped.
//
//   y[c, i, j] = (Σ_{u,v} w_u · w_v · picture[u, v, c] - mean[c]) / std[c]
//
// picture  the current frame of a video element or a VideoFrame
// y        the network's input: nhwc4 [1, H, W, 1] vec4, or row-major in any order of axes, by its strides
//
// Weights are a triangle as wide as the reduction, at least one pixel, so that every pixel of a large picture counts
// (Pillow's BILINEAR). Taps beyond the picture's edge do not count. One invocation makes all channels of one pixel.

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

@group(0) @binding(0) var picture: texture_external;
@group(0) @binding(1) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(2) var<uniform> params: Params;

// The colour over white; an external texture's is multiplied by its alpha already.
fn colour_at(at: vec2i) -> vec3f {
  let colour = textureLoad(picture, vec2u(at));
  return clamp(colour.rgb + 1.0 - colour.a, vec3f(0.0), vec3f(1.0));
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
    let support = max(scale, vec2f(1.0));
    let first = clamp(vec2i(floor(centre - support + 0.5)), vec2i(0), limit);
    let last = clamp(vec2i(ceil(centre + support - 0.5)) - 1, first, limit);
    var sum = vec3f(0.0);
    var total = 0.0;
    for (var v = first.y; v <= last.y; v++) {
      let weight_v = max(0.0, 1.0 - abs(f32(v) + 0.5 - centre.y) / support.y);
      for (var u = first.x; u <= last.x; u++) {
        let weight = weight_v * max(0.0, 1.0 - abs(f32(u) + 0.5 - centre.x) / support.x);
        sum += weight * colour_at(vec2i(u, v));
        total += weight;
      }
    }
    if (total > 0.0) { colour = sum / total; } else { colour = colour_at(first); }
  }
  if (params.bgr == 1u) { colour = colour.bgr; }
  let value = vec4f((colour - params.mean.xyz) / params.deviation.xyz, 0.0);
  let at = params.offset + gid.y * params.strides.y + gid.x * params.strides.z;
  for (var c = 0u; c < params.strides.w; c++) { y[at + c * params.strides.x] = Scalar(value[c]); }
}
