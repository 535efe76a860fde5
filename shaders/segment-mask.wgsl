// From a segmenter's logits to a class for every pixel of the picture: bilinear interpolation of all logits, then the
// largest wins. Interpolating before choosing gives smooth borders; choosing first would give steps.
//
//   y[i, j] = argmax_c Σ w · logits[…, c]       lowest class on ties
//
// logits [1, H, W, C/4] vec4
// y      one byte per pixel, rows padded to `row_words` words of 4 pixels
//
// One invocation makes one word, 4 neighbouring pixels, so that no two write to the same one.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  logits: View,
  source: vec4<f32>,  // x, y, width, height of the part that the network saw, in pixels of the picture
  region: vec4<f32>,  // where that is in the input, scaled to logits: x, y, width, height
  in_width: u32,
  in_height: u32,
  width: u32,         // of the picture
  height: u32,
  row_words: u32,
  channels: u32,
}

@group(0) @binding(0) var<storage, read> logits: array<Vec4>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<uniform> params: Params;

fn class_at(column: u32, row: u32) -> u32 {
  let at = (vec2f(f32(column), f32(row)) + 0.5 - params.source.xy) / params.source.zw * params.region.zw + params.region.xy - 0.5;
  let limit = vec2f(f32(params.in_width - 1u), f32(params.in_height - 1u));
  let inside = clamp(at, vec2f(0.0), limit);
  let low = vec2u(floor(inside));
  let high = min(low + 1u, vec2u(limit));
  let t = inside - floor(inside);
  let top = params.logits.offset + low.y * params.logits.row;
  let bottom = params.logits.offset + high.y * params.logits.row;
  let left = low.x * params.logits.pixel;
  let right = high.x * params.logits.pixel;
  var best = -3.4e38;
  var chosen = 0u;
  for (var block = 0u; block < (params.channels + 3u) / 4u; block++) {
    let upper = mix(vec4f(logits[top + left + block]), vec4f(logits[top + right + block]), t.x);
    let lower = mix(vec4f(logits[bottom + left + block]), vec4f(logits[bottom + right + block]), t.x);
    let value = mix(upper, lower, t.y);
    for (var lane = 0u; lane < 4u; lane++) {
      let c = block * 4u + lane;
      if (c < params.channels && value[lane] > best) { best = value[lane]; chosen = c; }
    }
  }
  return chosen;
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  if (gid.x >= params.row_words || gid.y >= params.height) { return; }
  var word = 0u;
  for (var k = 0u; k < 4u; k++) {
    let column = gid.x * 4u + k;
    if (column < params.width) { word |= class_at(column, gid.y) << (8u * k); }
  }
  y[gid.y * params.row_words + gid.x] = word;
}
