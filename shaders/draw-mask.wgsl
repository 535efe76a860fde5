// Draws every class in a colour of its own over a picture, straight from a segmenter's logits: segment-mask.wgsl and the
// colouring in one, so that a live frame is never read back.
//
//   class = argmax_c Σ w · logits[…, c]       bilinear, lowest class on ties; class 0 is background and is left clear
//
// logits [1, H, W, C/4] vec4
//
// The vertex stage makes one triangle that covers the canvas; each invocation of the fragment stage makes one pixel:
// it interpolates all logits, takes the largest, and gives its colour with alpha premultiplied, for blending.

alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  logits: View,
  source: vec4<f32>, // x, y, width, height of the part that the network saw, in pixels of the picture
  region: vec4<f32>, // where that is in the input, scaled to logits: x, y, width, height
  in_width: u32,
  in_height: u32,
  channels: u32,
  opacity: f32,
}

@group(0) @binding(0) var<storage, read> logits: array<Vec4>;
@group(0) @binding(1) var<uniform> params: Params;

@vertex
fn vertex_main(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
  return vec4f(f32(index & 1u) * 4.0 - 1.0, f32(index >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

fn class_at(pixel: vec2f) -> u32 {
  let at = (pixel - params.source.xy) / params.source.zw * params.region.zw + params.region.xy - 0.5;
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

// Hues a golden angle apart in three brightnesses: paletteColor of src/tasks/palette.ts.
fn palette(index: u32) -> vec3f {
  let turn = f32(index) * 137.508 / 360.0;
  var lightness = 0.55;
  if (index % 3u == 1u) { lightness = 0.68; }
  if (index % 3u == 2u) { lightness = 0.45; }
  let chroma = 0.75 * min(lightness, 1.0 - lightness);
  let k = (vec3f(0.0, 8.0, 4.0) / 12.0 + fract(turn)) * 12.0;
  let wrapped = k - 12.0 * floor(k / 12.0);
  return lightness - chroma * max(vec3f(-1.0), min(min(wrapped - 3.0, 9.0 - wrapped), vec3f(1.0)));
}

@fragment
fn fragment_main(@builtin(position) position: vec4f) -> @location(0) vec4f {
  let class_index = class_at(position.xy);
  if (class_index == 0u) { return vec4f(0.0); }
  return vec4f(palette(class_index) * params.opacity, params.opacity);
}
