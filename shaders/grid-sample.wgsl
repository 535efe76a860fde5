// Samples a picture at the points of a grid: warping by optical flow, spatial transformers, deformable attention.
//
//   y[n, i, j, c] = Σ_{u,v} wr[u] · wc[v] · x[n, row + u, column + v, c],    (column, row) from grid[n, i, j]
//
// x     [N, H, W, C/4] vec4
// grid  [N, OH, OW, 2]        horizontal, then vertical coordinate; the picture spans -1 to 1
// y     [N, OH, OW, C/4] vec4
//
// -1 and 1 are the outer edges of the first and last pixel, or with ALIGN_CORNERS their centres. MODE nearest reads one
// pixel, linear 2 × 2, cubic 4 × 4. PADDING decides what lies outside the picture: zeros, the pixel of the border, or
// the picture's reflection. Nearest and linear pad the sampled coordinate, cubic pads each pixel that it reads.
//
// Coordinates are clamped to a million pixels, and NaN becomes minus a million: no coordinate reads outside the picture
// or makes a weight NaN.
//
// `lanes` invocations share an output pixel; each makes every lanes-th block of four channels. With one lane per block
// neighbours read neighbouring memory. With a single lane the weights are computed once per pixel, which pays where a
// CPU computes. The grid of workgroups is one row of y high, so that only the column takes a division.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  y: View,
  grid_offset: u32,
  rows: u32,           // of all output images
  out_height: u32,
  out_width: u32,
  in_size: vec2<u32>,  // width, height
  blocks: u32,
  lanes: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read> grid: array<Scalar>;
@group(0) @binding(2) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(3) var<uniform> params: Params;

override MODE: u32 = 1;     // NEAREST, LINEAR, or cubic
override PADDING: u32 = 0;  // ZEROS, BORDER, or reflection
override ALIGN_CORNERS: bool = false;
override WORKGROUP: u32 = 64;

const NEAREST = 0u;
const LINEAR = 1u;
const ZEROS = 0u;
const BORDER = 1u;

const FARTHEST = 1048576.0;

// From the grid's -1 to 1 to pixels, whole at their centres. NaN is told by its bits: compilers may assume it away.
fn place_of(point: vec2f) -> vec2f {
  let size = vec2f(params.in_size);
  var at = ((point + 1.0) * size - 1.0) * 0.5;
  if (ALIGN_CORNERS) { at = (point + 1.0) * 0.5 * (size - 1.0); }
  let nan = (bitcast<vec2u>(at) & vec2u(0x7fffffffu)) > vec2u(0x7f800000u);
  return clamp(select(at, vec2f(-FARTHEST), nan), vec2f(-FARTHEST), vec2f(FARTHEST));
}

// A triangle wave: beyond its ends the picture continues backwards, then forwards again.
fn reflect_at_ends(at: vec2f, size: vec2f) -> vec2f {
  let first = select(-0.5, 0.0, ALIGN_CORNERS);
  // With aligned corners a single pixel has length 0; any length will do, as the result is clamped to that pixel.
  let length = max(select(size, size - 1.0, ALIGN_CORNERS), vec2f(1.0));
  let distance = abs(at - first);
  let flips = floor(distance / length);
  let rest = distance - flips * length;
  let is_backwards = flips - 2.0 * floor(flips * 0.5) == vec2f(1.0);
  return select(rest, length - rest, is_backwards) + first;
}

// A coordinate after padding. With zeros it stays outside, where `pixel` gives nothing.
fn padded(at: vec2f) -> vec2f {
  if (PADDING == ZEROS) { return at; }
  let size = vec2f(params.in_size);
  var inside = at;
  if (PADDING != BORDER) { inside = reflect_at_ends(at, size); }
  return clamp(inside, vec2f(0.0), size - 1.0);
}

fn pixel(start: u32, column: f32, row: f32) -> vec4f {
  let at = vec2i(vec2f(column, row));
  if (any(at < vec2i(0)) || any(at >= vec2i(params.in_size))) { return vec4f(0.0); }
  return vec4f(x[start + u32(at.y) * params.x.row + u32(at.x) * params.x.pixel]);
}

// Keys 1981, "Cubic convolution interpolation for digital image processing", equation 15 with a = -3/4, for the pixels
// at distances 1 + t, t, 1 - t and 2 - t.
fn cubic_weights(t: f32) -> vec4f {
  let near = vec2f(t, 1.0 - t);
  let far = near + 1.0;
  let inner = (1.25 * near - 2.25) * near * near + 1.0;
  let outer = ((-0.75 * far + 3.75) * far - 6.0) * far + 3.0;
  return vec4f(outer.x, inner, outer.y);
}

fn cubic_row(start: u32, columns: vec4f, row: f32, weights: vec4f) -> vec4f {
  return weights.x * pixel(start, columns.x, row) + weights.y * pixel(start, columns.y, row) +
    weights.z * pixel(start, columns.z, row) + weights.w * pixel(start, columns.w, row);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let out_column = gid.x / params.lanes;
  let line = gid.y + gid.z * groups.y;
  if (out_column >= params.out_width || line >= params.rows) { return; }
  let out_row = line % params.out_height;
  let image = line / params.out_height;
  let point = params.grid_offset + (line * params.out_width + out_column) * 2u;
  let at = place_of(vec2f(f32(grid[point]), f32(grid[point + 1u])));
  let picture = params.x.offset + image * params.x.image;
  let to = params.y.offset + image * params.y.image + out_row * params.y.row + out_column * params.y.pixel;
  let lane = gid.x % params.lanes;

  if (MODE == NEAREST) {
    let nearest = round(padded(at));  // halves to even
    for (var block = lane; block < params.blocks; block += params.lanes) {
      y[to + block] = Vec4(pixel(picture + block, nearest.x, nearest.y));
    }
  } else if (MODE == LINEAR) {
    let inside = padded(at);
    let a = floor(inside);
    let b = a + 1.0;
    let t = inside - a;
    for (var block = lane; block < params.blocks; block += params.lanes) {
      let start = picture + block;
      let upper = (1.0 - t.x) * pixel(start, a.x, a.y) + t.x * pixel(start, b.x, a.y);
      let lower = (1.0 - t.x) * pixel(start, a.x, b.y) + t.x * pixel(start, b.x, b.y);
      y[to + block] = Vec4((1.0 - t.y) * upper + t.y * lower);
    }
  } else {
    let first = floor(at);
    let a = padded(first - 1.0);
    let b = padded(first);
    let c = padded(first + 1.0);
    let d = padded(first + 2.0);
    let columns = vec4f(a.x, b.x, c.x, d.x);
    let across = cubic_weights(at.x - first.x);
    let down = cubic_weights(at.y - first.y);
    for (var block = lane; block < params.blocks; block += params.lanes) {
      let start = picture + block;
      let upper = down.x * cubic_row(start, columns, a.y, across) + down.y * cubic_row(start, columns, b.y, across);
      let lower = down.z * cubic_row(start, columns, c.y, across) + down.w * cubic_row(start, columns, d.y, across);
      y[to + block] = Vec4(upper + lower);
    }
  }
}
