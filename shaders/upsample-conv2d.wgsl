// 3×3 convolution over a picture of twice the size, which is never made, beside another of that size: a step of a U-Net's
// way up (Ronneberger et al. 2015).
//
//   y[n, i, j, o] = act(bias[o] + Σ_{u,v,c} joined[n, i + u - 1, j + v - 1, c] · weight[o, c, u, v])
//   joined = low doubled, then skip, along the channels; zero outside
//
// low     [N, H, W, A/4] vec4
// skip    [N, 2H, 2W, B/4] vec4, or any operand with skip_blocks = 0
// weight  [sets, low rows, 3, A/4, 4, O/4] vec4 for low, then [3, 3, B/4, 4, O/4] for skip: four inputs, each with four
//         outputs. Linear: 4 sets of 3 rows; nearest: 2 sets of 2
// bias    [O/4] vec4                     O/4 of weight and bias is padded with zeros to a multiple of BLOCKS
// y       [N, 2H, 2W, O/4] vec4
//
// Doubling takes each pixel from the nearest of low, and when it is linear a quarter from the one on its other side.
// Down the rows that needs no work here: the three rows of taps over an output row see two or three rows of low, in
// shares that depend only on whether the row is even, odd, or at the edge. The host adds the taps up by these
// shares, a set of weights for each case. Along a row, PIXELS + 2 doubled pixels are mixed from PIXELS / 2 + 2 of
// low and used as conv2d-3x3 uses its loaded ones. Enlarging first would write and read 4 · H · W · A numbers more; a
// naive kernel mixes each doubled pixel for every tap and output channel anew.

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
  weight_blocks: u32, // out_blocks, rounded up to BLOCKS
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

override LINEAR: bool = false;
// The register tiles that one invocation can make: pixels, and blocks of four output channels.
const TILES = array(vec2u(8, 2), vec2u(4, 2), vec2u(4, 1));
override PIXELS: u32 = 4;
override BLOCKS: u32 = 1;
override ACTIVATION: u32 = 0;
override WORKGROUP_X: u32 = 8;
override WORKGROUP_Y: u32 = 8;
override WORKGROUP_Z: u32 = 1;

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

fn is_inside(column: i32) -> bool { return column >= 0 && column < 2 * params.low_width; }

// Three neighbouring pixels times the weights of a row of taps.
fn row_of_taps(sum: vec4f, x: vec4f, y: vec4f, z: vec4f, u: mat4x4f, v: mat4x4f, w: mat4x4f) -> vec4f {
  return multiply_add(multiply_add(multiply_add(sum, x, u), y, v), z, w);
}

// The vec4 of a row of low at a column, or at the edge's.
fn low_at(row_start: u32, column: i32) -> vec4f {
  return vec4f(low[row_start + u32(clamp(column, 0, params.low_width - 1)) * params.low.pixel]);
}

// A doubled pixel from the nearest one of low and the one on its other side, or zero if its column is outside.
fn doubled(column: i32, near: vec4f, far: vec4f) -> vec4f {
  var v = near;
  if (LINEAR) { v = 0.75 * near + 0.25 * far; }
  return select(vec4f(0.0), v, is_inside(column));
}

// The vec4 of a row of skip at a column, or zero if the column is outside.
fn skip_at(row_start: u32, column: i32) -> vec4f {
  let inside = clamp(column, 0, 2 * params.low_width - 1);
  let v = vec4f(skip[row_start + u32(inside) * params.skip.pixel]);
  return select(vec4f(0.0), v, inside == column);
}

fn store(sum: vec4f, image: u32, row: u32, column: u32, block: u32) {
  var v = activate(sum);
  v = select(vec4f(0.0), v, block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.out_channels));
  y[params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block] = Vec4(v);
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y, WORKGROUP_Z)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  let block = gid.x * BLOCKS;
  let column = gid.y * PIXELS;
  let height = 2u * u32(params.low_height);
  let width = 2u * u32(params.low_width);
  if (block >= params.out_blocks || column >= width || gid.z >= params.rows) { return; }
  let row = gid.z % height;
  let image = gid.z / height;
  let left = i32(column) - 1;
  let odd = row % 2u;

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
  let low_step = params.low_blocks * 4u * params.weight_blocks;
  let skip_step = params.skip_blocks * 4u * params.weight_blocks;

  // a: sums of the first block of outputs, b: of the second
  var a0 = vec4f(bias[block]); var a1 = a0; var a2 = a0; var a3 = a0; var a4 = a0; var a5 = a0; var a6 = a0; var a7 = a0;
  var b0 = vec4f(bias[block + BLOCKS - 1u]);
  var b1 = b0; var b2 = b0; var b3 = b0; var b4 = b0; var b5 = b0; var b6 = b0; var b7 = b0;

  for (var t = 0u; t < low_rows; t++) {
    var in_row = first_low_row + i32(t);
    if (LINEAR) { in_row = clamp(in_row, 0, params.low_height - 1); }
    if (in_row < 0 || in_row >= params.low_height) { continue; }
    let start = params.low.offset + image * params.low.image + u32(in_row) * params.low.row;
    let j = i32(column / 2u);
    var at = block + 3u * (case_of_row * low_rows + t) * low_step;
    for (var c = 0u; c < params.low_blocks; c++) {
      let s = start + c;
      let l0 = low_at(s, j - 1); let l1 = low_at(s, j); let l2 = low_at(s, j + 1); let l3 = low_at(s, j + 2);
      let x0 = doubled(left, l0, l1); let x1 = doubled(left + 1, l1, l0); let x2 = doubled(left + 2, l1, l2);
      let x3 = doubled(left + 3, l2, l1); let x4 = doubled(left + 4, l2, l3); let x5 = doubled(left + 5, l3, l2);
      let u0 = weights(at); let u1 = weights(at + low_step); let u2 = weights(at + 2u * low_step);
      a0 = row_of_taps(a0, x0, x1, x2, u0, u1, u2); a1 = row_of_taps(a1, x1, x2, x3, u0, u1, u2);
      a2 = row_of_taps(a2, x2, x3, x4, u0, u1, u2); a3 = row_of_taps(a3, x3, x4, x5, u0, u1, u2);
      if (BLOCKS > 1u) {
        let v0 = weights(at + 1u); let v1 = weights(at + 1u + low_step); let v2 = weights(at + 1u + 2u * low_step);
        b0 = row_of_taps(b0, x0, x1, x2, v0, v1, v2); b1 = row_of_taps(b1, x1, x2, x3, v0, v1, v2);
        b2 = row_of_taps(b2, x2, x3, x4, v0, v1, v2); b3 = row_of_taps(b3, x3, x4, x5, v0, v1, v2);
        if (PIXELS > 4u) {
          let l4 = low_at(s, j + 3); let l5 = low_at(s, j + 4);
          let x6 = doubled(left + 6, l3, l4); let x7 = doubled(left + 7, l4, l3);
          let x8 = doubled(left + 8, l4, l5); let x9 = doubled(left + 9, l5, l4);
          a4 = row_of_taps(a4, x4, x5, x6, u0, u1, u2); a5 = row_of_taps(a5, x5, x6, x7, u0, u1, u2);
          a6 = row_of_taps(a6, x6, x7, x8, u0, u1, u2); a7 = row_of_taps(a7, x7, x8, x9, u0, u1, u2);
          b4 = row_of_taps(b4, x4, x5, x6, v0, v1, v2); b5 = row_of_taps(b5, x5, x6, x7, v0, v1, v2);
          b6 = row_of_taps(b6, x6, x7, x8, v0, v1, v2); b7 = row_of_taps(b7, x7, x8, x9, v0, v1, v2);
        }
      }
      at += 4u * params.weight_blocks;
    }
  }

  for (var t = 0u; t < 3u; t++) {
    let in_row = i32(row + t) - 1;
    if (in_row < 0 || in_row >= i32(height)) { continue; }
    let start = params.skip.offset + image * params.skip.image + u32(in_row) * params.skip.row;
    var at = block + params.skip_weight + 3u * t * skip_step;
    for (var c = 0u; c < params.skip_blocks; c++) {
      let s = start + c;
      let x0 = skip_at(s, left); let x1 = skip_at(s, left + 1); let x2 = skip_at(s, left + 2);
      let x3 = skip_at(s, left + 3); let x4 = skip_at(s, left + 4); let x5 = skip_at(s, left + 5);
      let u0 = weights(at); let u1 = weights(at + skip_step); let u2 = weights(at + 2u * skip_step);
      a0 = row_of_taps(a0, x0, x1, x2, u0, u1, u2); a1 = row_of_taps(a1, x1, x2, x3, u0, u1, u2);
      a2 = row_of_taps(a2, x2, x3, x4, u0, u1, u2); a3 = row_of_taps(a3, x3, x4, x5, u0, u1, u2);
      if (BLOCKS > 1u) {
        let v0 = weights(at + 1u); let v1 = weights(at + 1u + skip_step); let v2 = weights(at + 1u + 2u * skip_step);
        b0 = row_of_taps(b0, x0, x1, x2, v0, v1, v2); b1 = row_of_taps(b1, x1, x2, x3, v0, v1, v2);
        b2 = row_of_taps(b2, x2, x3, x4, v0, v1, v2); b3 = row_of_taps(b3, x3, x4, x5, v0, v1, v2);
        if (PIXELS > 4u) {
          let x6 = skip_at(s, left + 6); let x7 = skip_at(s, left + 7);
          let x8 = skip_at(s, left + 8); let x9 = skip_at(s, left + 9);
          a4 = row_of_taps(a4, x4, x5, x6, u0, u1, u2); a5 = row_of_taps(a5, x5, x6, x7, u0, u1, u2);
          a6 = row_of_taps(a6, x6, x7, x8, u0, u1, u2); a7 = row_of_taps(a7, x7, x8, x9, u0, u1, u2);
          b4 = row_of_taps(b4, x4, x5, x6, v0, v1, v2); b5 = row_of_taps(b5, x5, x6, x7, v0, v1, v2);
          b6 = row_of_taps(b6, x6, x7, x8, v0, v1, v2); b7 = row_of_taps(b7, x7, x8, x9, v0, v1, v2);
        }
      }
      at += 4u * params.weight_blocks;
    }
  }

  // The loop's length is known only at run time: unrolled, `store` would make a shader that compiles for seconds.
  var sums = array<vec4f, 16>(a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7);
  let blocks = min(BLOCKS, params.out_blocks - block);
  let pixels = min(PIXELS, width - column);
  for (var b = 0u; b < blocks; b++) {
    for (var p = 0u; p < pixels; p++) { store(sums[b * 8u + p], image, row, column + p, block + b); }
  }
}
