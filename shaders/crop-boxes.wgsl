// The parts of a picture that a detector's best boxes are in: what a second network is shown, without a read-back.
//
//   parts[rank] = the box of that rank, grown by `margin` on each side and to the proportions of the second network
//
// detections [M, 6] row-major: xmin, ymin, xmax, ymax in 0..1 of the first network's input, score, class
// count      [1], how many rows count
// parts      [most] x, y, width, height, in pixels of the picture: `source` of picture.wgsl
//
// One invocation places one row: its rank is how many rows score more, or as much and lie before it. Only a few rows
// count, so that comparing all of them is less than a sort. Parts without a box become the whole picture.

alias Scalar = f32;

struct Params {
  source: vec4<f32>,    // x, y, width, height of the part that the detector saw, in pixels of the picture
  region: vec4<f32>,    // where that is in its input, in 0..1 of it: x, y, width, height
  size: vec2<f32>,      // of the picture, in pixels
  margin: f32,          // in sizes of the box
  proportions: f32,     // width to height of the second network's input
  offset: u32,          // of the first row, in elements
  rows: u32,            // M
  most: u32,
}

@group(0) @binding(0) var<storage, read> detections: array<Scalar>;
@group(0) @binding(1) var<storage, read> count: array<i32>;
@group(0) @binding(2) var<storage, read_write> parts: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

override WORKGROUP: u32 = 64;

fn score_of(row: u32) -> f32 {
  return f32(detections[params.offset + row * 6u + 4u]);
}

fn to_picture(at: vec2f) -> vec2f {
  let inside = (at - params.region.xy) / params.region.zw * params.source.zw + params.source.xy;
  return clamp(inside, vec2f(0.0), params.size);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = gid.x + gid.y * groups.x * WORKGROUP;
  let counted = min(u32(max(count[0], 0)), params.rows);
  if (row >= counted) {
    if (row < params.most) { parts[row] = vec4f(0.0, 0.0, params.size); }
    return;
  }
  let score = score_of(row);
  var rank = 0u;
  for (var other = 0u; other < counted; other++) {
    let others = score_of(other);
    rank += select(0u, 1u, others > score || (others == score && other < row));
  }
  if (rank >= params.most) { return; }
  let at = params.offset + row * 6u;
  let low = to_picture(vec2f(f32(detections[at]), f32(detections[at + 1u])));
  let high = to_picture(vec2f(f32(detections[at + 2u]), f32(detections[at + 3u])));
  let grown = max((high - low) * (1.0 + 2.0 * params.margin), vec2f(1.0));
  let size = vec2f(max(grown.x, grown.y * params.proportions), max(grown.y, grown.x / params.proportions));
  parts[rank] = vec4f((low + high - size) / 2.0, size);
}
