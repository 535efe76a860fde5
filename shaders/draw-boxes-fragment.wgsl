// draw-boxes.wgsl for adapters whose vertex stage reads no storage buffers, as those of OpenGL ES often are.
//
// detections [M, 6] row-major: xmin, ymin, xmax, ymax in 0..1 of the input, score, class
// count      [1], how many rows count
//
// The vertex stage makes one triangle that covers the canvas; each invocation of the fragment stage makes one pixel: it
// looks at every row that counts, and takes the colour of the last box that has one of its lines there.

alias Scalar = f32;

struct Params {
  source: vec4<f32>,    // x, y, width, height of the part that the network saw, in pixels of the picture
  region: vec4<f32>,    // where that is in the input, in 0..1 of it: x, y, width, height
  size: vec2<f32>,      // of the picture, in pixels
  threshold: f32,
  thickness: f32,       // of the lines, in pixels of the picture
  offset: u32,          // of the first row, in elements
}

@group(0) @binding(0) var<storage, read> detections: array<Scalar>;
@group(0) @binding(1) var<storage, read> count: array<i32>;
@group(0) @binding(2) var<uniform> params: Params;

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

fn to_picture(at: vec2f) -> vec2f {
  let inside = (at - params.region.xy) / params.region.zw * params.source.zw + params.source.xy;
  return clamp(inside, vec2f(0.0), params.size);
}

@vertex
fn vertex_main(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
  return vec4f(f32(index & 1u) * 4.0 - 1.0, f32(index >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

fn is_between(pixel: vec2f, low: vec2f, high: vec2f) -> bool { return all(pixel >= low) && all(pixel < high); }

@fragment
fn fragment_main(@builtin(position) position: vec4f) -> @location(0) vec4f {
  let half = vec2f(params.thickness * 0.5);
  let rows = min(u32(max(count[0], 0)), (arrayLength(&detections) - params.offset) / 6u);
  var color = vec4f(0.0);
  for (var row = 0u; row < rows; row++) {
    let at = params.offset + row * 6u;
    if (f32(detections[at + 4u]) < params.threshold) { continue; }
    let low = to_picture(vec2f(f32(detections[at]), f32(detections[at + 1u])));
    let high = to_picture(vec2f(f32(detections[at + 2u]), f32(detections[at + 3u])));
    if (!is_between(position.xy, low - half, high + half) || is_between(position.xy, low + half, high - half)) { continue; }
    color = vec4f(palette(u32(detections[at + 5u])), 1.0);
  }
  return color;
}
