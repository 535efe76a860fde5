// As picture.wgsl, resized by another of Pillow's filters, in one go.
//
//   y[c, i, j] = (Σ_{u,v} w_u · w_v · picture[u, v, c] - mean[c]) / std[c]
//
// picture  texture of RGBA in 0..1, alpha not premultiplied
// y        the network's input: nhwc4 [1, H, W, 1] vec4, or row-major in any order of axes, by its strides
//
// Rows are filtered first and what they overshoot is cut off, then columns, as Pillow does in two passes: here each
// invocation filters the rows that its own pixel needs. Taps beyond the picture's edge do not count. One invocation makes
// all channels of one pixel; up to 6 · reduction taps each way make this the slower way, for networks that were trained so.

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

// Pillow's number of the filter: 0 nearest, 1 Lanczos, 2 bilinear, 3 bicubic (Keys 1981, a = -0.5), 4 box, 5 Hamming.
override FILTER: u32 = 3u;

const PI = 3.14159265359;
// A box that ends on the middle of a pixel has that pixel. Pillow has it or not, as its own divisions are rounded.
const ROUNDING = 1e-4;

@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(2) var<uniform> params: Params;

// The colour over white: what is transparent is as bright as an empty page.
fn colour_at(at: vec2i) -> vec3f {
  let colour = textureLoad(picture, at, 0);
  return clamp(colour.rgb * colour.a + 1.0 - colour.a, vec3f(0.0), vec3f(1.0));
}

// sin(πx), by its series around the nearest multiple of π: WGSL's own sin is only promised to 2⁻¹¹, half a level of 255.
fn sin_pi(x: f32) -> f32 {
  let turns = round(x);
  let a = PI * (x - turns);
  let b = a * a;
  let series = a * (1.0 + b * (-1.0 / 6.0 + b * (1.0 / 120.0 + b * (-1.0 / 5040.0 + b / 362880.0))));
  return select(series, -series, (i32(turns) & 1) == 1);
}

fn sinc(x: f32) -> f32 {
  if (x == 0.0) { return 1.0; }
  return sin_pi(x) / (PI * x);
}

// How far a filter reaches, in pixels of the result.
fn reach() -> f32 {
  switch (FILTER) {
    case 1u: { return 3.0; }
    case 2u, 5u: { return 1.0; }
    case 3u: { return 2.0; }
    default: { return 0.5; }
  }
}

fn weight_at(distance: f32) -> f32 {
  let d = abs(distance);
  if (d >= reach()) { return select(0.0, 1.0, FILTER == 0u || FILTER == 4u); }
  switch (FILTER) {
    case 1u: { return sinc(d) * sinc(d / 3.0); }
    case 2u: { return 1.0 - d; }
    case 3u: {
      if (d < 1.0) { return (1.5 * d - 2.5) * d * d + 1.0; }
      return ((-0.5 * d + 2.5) * d - 4.0) * d + 2.0;
    }
    case 5u: { return sinc(d) * (0.54 + 0.46 * sin_pi(d + 0.5)); }
    default: { return 1.0; }
  }
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
    // The nearest pixel is one, however much the picture shrinks.
    let stretch = select(max(scale, vec2f(1.0)), vec2f(1.0), FILTER == 0u);
    let support = reach() * stretch;
    let first = clamp(vec2i(floor(centre - support + 0.5 + ROUNDING)), vec2i(0), limit);
    let last = clamp(vec2i(floor(centre + support - 0.5 + ROUNDING)), first, limit);
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
