// 3×3 convolution over a picture of twice the size, which is never made, beside another of that size, its sums shared out
// over the input channels.
//
//   y[n, i, j, o] = act(bias[o] + Σ_{u,v,c} joined[n, i + u - 1, j + v - 1, c] · weight[o, c, u, v])
//   joined = low doubled, then skip, along the channels; zero outside
//
// low     [N, H, W, A/4] vec4
// skip    [N, 2H, 2W, B/4] vec4, or any operand with skip_blocks = 0
// weight  [sets, low rows, 3, A/4, 4, O/4] vec4 for low, then [3, 3, B/4, 4, O/4] for skip, as in upsample-conv2d
// bias    [O/4] vec4
// y       [N, 2H, 2W, O/4] vec4
//
// It is to upsample-conv2d what conv2d-split is to conv2d-3x3: invocation (b, t, s) adds up every SLICES-th block of low and
// of skip, for block b of four outputs and tile t of PIXELS pixels of a row, and the workgroup adds the slices' sums.
// The first steps of a U-Net's way up have a hundred pixels and hundreds of channels, and alone an invocation would wait
// for thousands of loads, one after the other.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  low: View,
  skip: View,
  y: View,
  low_height: i32,
  low_width: i32,
  rows: u32,          // N · OH
  low_blocks: u32,    // ceil(A / 4)
  skip_blocks: u32,   // ceil(B / 4)
  skip_weight: u32,   // where skip's weights begin
  out_blocks: u32,    // ceil(O / 4)
  weight_blocks: u32, // as out_blocks
  out_channels: u32,
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> low: array<Vec4>;
@group(0) @binding(1) var<storage, read> skip: array<Vec4>;
@group(0) @binding(2) var<storage, read> weight: array<Vec4>;
@group(0) @binding(3) var<storage, read> bias: array<Vec4>;
@group(0) @binding(4) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(5) var<uniform> params: Params;

const PIXELS = 4u;
override BLOCKS: u32 = 4;
override TILES: u32 = 4;
override SLICES: u32 = 8;
override LINEAR: bool = false;
override ACTIVATION: u32 = 0;

var<workgroup> partial: array<vec4f, SLICES * TILES * BLOCKS * PIXELS>;

// Not every platform's exp and clamp keep NaN. A test of the bits: compilers may assume that there is none.
fn keep_nan(v: vec4f, y: vec4f) -> vec4f {
  return select(y, v, (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u));
}

fn activate(v: vec4f) -> vec4f {
  let a = vec4f(params.alpha); let b = vec4f(params.beta);
  switch (ACTIVATION) {
    case 1u: { return select(select(v, a, v < a), b, v > b); }             // relu, relu6, clip
    case 2u: { return select(v, a * v, v < vec4f(0.0)); }                  // leaky-relu
    case 3u: { return keep_nan(v, 1.0 / (1.0 + exp(-v))); }                // sigmoid
    case 4u: { return keep_nan(v, v / (1.0 + exp(-a * v))); }              // silu
    case 5u: { return keep_nan(v, clamp(a * v + b, vec4f(0.0), vec4f(1.0))); }  // hard-sigmoid
    case 6u: { return keep_nan(v, v * clamp(v / 6.0 + 0.5, vec4f(0.0), vec4f(1.0))); }  // hard-swish
    case 7u: { return keep_nan(v, tanh(clamp(v, vec4f(-15.0), vec4f(15.0)))); }  // tanh
    default: { return v; }
  }
}

// Four inputs to four outputs.
fn weights(at: u32) -> mat4x4f {
  let n = params.weight_blocks;
  return mat4x4f(vec4f(weight[at]), vec4f(weight[at + n]), vec4f(weight[at + 2u * n]), vec4f(weight[at + 3u * n]));
}

fn multiply_add(sum: vec4f, v: vec4f, w: mat4x4f) -> vec4f {
  return sum + v.x * w[0] + v.y * w[1] + v.z * w[2] + v.w * w[3];
}

// Three neighbouring pixels times the weights of a row of taps.
fn row_of_taps(sum: vec4f, x: vec4f, y: vec4f, z: vec4f, u: mat4x4f, v: mat4x4f, w: mat4x4f) -> vec4f {
  return multiply_add(multiply_add(multiply_add(sum, x, u), y, v), z, w);
}

fn is_inside(column: i32) -> bool { return column >= 0 && column < 2 * params.low_width; }

// Where a column lies in a row, in vec4s. Columns outside lie at one inside.
fn low_offset(column: i32) -> u32 { return u32(clamp(column, 0, params.low_width - 1)) * params.low.pixel; }
fn skip_offset(column: i32) -> u32 { return u32(clamp(column, 0, 2 * params.low_width - 1)) * params.skip.pixel; }

// A doubled pixel from the nearest one of low and the one on its other side, or zero if its column is outside.
fn doubled(inside: bool, near: vec4f, far: vec4f) -> vec4f {
  var v = near;
  if (LINEAR) { v = 0.75 * near + 0.25 * far; }
  return select(vec4f(0.0), v, inside);
}

fn load_skip(at: u32, inside: bool) -> vec4f { return select(vec4f(0.0), vec4f(skip[at]), inside); }

@compute @workgroup_size(BLOCKS, TILES, SLICES)
fn main(@builtin(local_invocation_id) local: vec3u, @builtin(workgroup_id) group: vec3u) {
  let block = group.x * BLOCKS + local.x;
  let slice = local.z;
  let height = 2u * u32(params.low_height);
  let width = 2u * u32(params.low_width);
  let columns = (width + PIXELS - 1u) / PIXELS;
  let tile = group.y * TILES + local.y;
  let column = tile % columns * PIXELS;
  // Invocations past the last row and block add up a copy of it: all must reach the barrier.
  let line = min(tile / columns, params.rows - 1u);
  let row = line % height;
  let image = line / height;
  let odd = row % 2u;
  let left = i32(column) - 1;

  // Linear: the rows of low above, at and below, and at the edges weights of their own. Nearest: an even row's and the one
  // above it, or an odd row's and the one below.
  var low_rows = 2u;
  var first_low_row = i32(row / 2u) + i32(odd) - 1;
  var case_of_row = odd;
  if (LINEAR) {
    low_rows = 3u;
    first_low_row = i32(row / 2u) - 1;
    if (row == 0u) { case_of_row = 2u; } else if (row == height - 1u) { case_of_row = 3u; }
  }
  let channel_step = 4u * params.weight_blocks;
  let low_step = params.low_blocks * channel_step;
  let skip_step = params.skip_blocks * channel_step;
  let first_weight = slice * channel_step + min(block, params.out_blocks - 1u);

  // Where a row of taps looks: compilers do not move clamps and masks out of the loops.
  let i0 = is_inside(left);     let i1 = is_inside(left + 1); let i2 = is_inside(left + 2);
  let i3 = is_inside(left + 3); let i4 = is_inside(left + 4); let i5 = is_inside(left + 5);
  let j = i32(column / 2u);
  let o0 = low_offset(j - 1); let o1 = low_offset(j); let o2 = low_offset(j + 1); let o3 = low_offset(j + 2);
  var a0 = vec4f(0.0); var a1 = a0; var a2 = a0; var a3 = a0;
  for (var t = 0u; t < low_rows; t++) {
    var in_row = first_low_row + i32(t);
    if (LINEAR) { in_row = clamp(in_row, 0, params.low_height - 1); }
    if (in_row < 0 || in_row >= params.low_height) { continue; }
    let start = params.low.offset + image * params.low.image + u32(in_row) * params.low.row;
    var at = 3u * (case_of_row * low_rows + t) * low_step + first_weight;
    for (var c = slice; c < params.low_blocks; c += SLICES) {
      let s = start + c;
      let u = weights(at); let v = weights(at + low_step); let w = weights(at + 2u * low_step);
      let l0 = vec4f(low[s + o0]); let l1 = vec4f(low[s + o1]); let l2 = vec4f(low[s + o2]); let l3 = vec4f(low[s + o3]);
      let x0 = doubled(i0, l0, l1); let x1 = doubled(i1, l1, l0); let x2 = doubled(i2, l1, l2);
      let x3 = doubled(i3, l2, l1); let x4 = doubled(i4, l2, l3); let x5 = doubled(i5, l3, l2);
      a0 = row_of_taps(a0, x0, x1, x2, u, v, w); a1 = row_of_taps(a1, x1, x2, x3, u, v, w);
      a2 = row_of_taps(a2, x2, x3, x4, u, v, w); a3 = row_of_taps(a3, x3, x4, x5, u, v, w);
      at += SLICES * channel_step;
    }
  }

  let p0 = skip_offset(left);     let p1 = skip_offset(left + 1); let p2 = skip_offset(left + 2);
  let p3 = skip_offset(left + 3); let p4 = skip_offset(left + 4); let p5 = skip_offset(left + 5);
  for (var t = 0u; t < 3u; t++) {
    let in_row = i32(row + t) - 1;
    if (in_row < 0 || in_row >= i32(height)) { continue; }
    let start = params.skip.offset + image * params.skip.image + u32(in_row) * params.skip.row;
    var at = params.skip_weight + 3u * t * skip_step + first_weight;
    for (var c = slice; c < params.skip_blocks; c += SLICES) {
      let s = start + c;
      let u = weights(at); let v = weights(at + skip_step); let w = weights(at + 2u * skip_step);
      let x0 = load_skip(s + p0, i0); let x1 = load_skip(s + p1, i1); let x2 = load_skip(s + p2, i2);
      let x3 = load_skip(s + p3, i3); let x4 = load_skip(s + p4, i4); let x5 = load_skip(s + p5, i5);
      a0 = row_of_taps(a0, x0, x1, x2, u, v, w); a1 = row_of_taps(a1, x1, x2, x3, u, v, w);
      a2 = row_of_taps(a2, x2, x3, x4, u, v, w); a3 = row_of_taps(a3, x3, x4, x5, u, v, w);
      at += SLICES * channel_step;
    }
  }
  let mine = ((slice * TILES + local.y) * BLOCKS + local.x) * PIXELS;
  partial[mine] = a0; partial[mine + 1u] = a1; partial[mine + 2u] = a2; partial[mine + 3u] = a3;
  workgroupBarrier();

  if (block >= params.out_blocks || tile / columns >= params.rows) { return; }
  let pixels = min(PIXELS, width - column);
  for (var p = slice; p < pixels; p += SLICES) {
    var v = vec4f(bias[block]);
    for (var s = 0u; s < SLICES; s++) { v += partial[((s * TILES + local.y) * BLOCKS + local.x) * PIXELS + p]; }
    v = activate(v);
    v = select(vec4f(0.0), v, block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.out_channels));
    y[params.y.offset + image * params.y.image + row * params.y.row + (column + p) * params.y.pixel + block] = Vec4(v);
  }
}
