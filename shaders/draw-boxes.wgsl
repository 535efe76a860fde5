// Draws the boxes of a detector over a picture, straight from its detections: a live frame is never read back.
//
// detections [M, 6] row-major: xmin, ymin, xmax, ymax in 0..1 of the input, score, class
// count      [1], how many rows count
//
// Each instance is one row, each of its four sides a quad of two triangles: 24 vertices. An invocation of the vertex
// stage places one of them; rows that do not count or score below the threshold collapse to a point outside the canvas,
// so that the host need not know how many there are.

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

struct Corner {
  @builtin(position) position: vec4f,
  @location(0) @interpolate(flat) class_index: u32,
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

fn to_picture(at: vec2f) -> vec2f {
  let inside = (at - params.region.xy) / params.region.zw * params.source.zw + params.source.xy;
  return clamp(inside, vec2f(0.0), params.size);
}

@vertex
fn vertex_main(@builtin(vertex_index) vertex: u32, @builtin(instance_index) row: u32) -> Corner {
  let at = params.offset + row * 6u;
  let class_index = u32(detections[at + 5u]);
  if (i32(row) >= count[0] || f32(detections[at + 4u]) < params.threshold) {
    return Corner(vec4f(2.0, 2.0, 0.0, 1.0), class_index);
  }
  let low = to_picture(vec2f(f32(detections[at]), f32(detections[at + 1u])));
  let high = to_picture(vec2f(f32(detections[at + 2u]), f32(detections[at + 3u])));
  let half = vec2f(params.thickness * 0.5);
  // Sides: top, bottom, left, right.
  let side = vertex / 6u;
  var corners = array<u32, 6>(0u, 1u, 2u, 2u, 1u, 3u);
  let corner = corners[vertex % 6u];
  var first = low - half;
  var last = high + half;
  if (side == 0u) { last.y = low.y + half.y; }
  if (side == 1u) { first.y = high.y - half.y; }
  if (side == 2u) { last.x = low.x + half.x; }
  if (side == 3u) { first.x = high.x - half.x; }
  let place = mix(first, last, vec2f(f32(corner & 1u), f32(corner >> 1u))) / params.size;
  return Corner(vec4f(place.x * 2.0 - 1.0, 1.0 - place.y * 2.0, 0.0, 1.0), class_index);
}

@fragment
fn fragment_main(corner: Corner) -> @location(0) vec4f {
  return vec4f(palette(corner.class_index), 1.0);
}
