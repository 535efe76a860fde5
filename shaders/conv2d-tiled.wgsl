// Convolution of any kernel, stride, dilation and padding as an implicit matrix product, tiled in registers.
//
//   y[n, i, j, o] = act(bias[o] + Σ_{u,v,c} x[n, i·stride + u·dilation - padding, …, c] · weight[u, v, c, o])
//
// x         [N, H, W, C/4] vec4      weight [KH, KW, C/groups/4, 4, O/4] vec4: four inputs, each with four outputs
// residual  [N, OH, OW, O/4] vec4    bias   [O/4] vec4
// y         [N, OH, OW, O/4] vec4    O/4 of weight and bias is padded with zeros to a multiple of BLOCKS
//
// One invocation makes PIXELS pixels of one output row × BLOCKS blocks of four channels, in named registers. For each
// tap and four input channels it loads PIXELS + 4·BLOCKS vec4s and does 16·PIXELS·BLOCKS multiply-adds; the naive
// kernel loads two numbers for each. The matrix of patches (im2col) is never written down: its rows are read from x.
// Taps outside the picture read a pixel inside and select zero, so that rows of the tile never branch apart.
//
// Groups work where their channels are multiples of four: then a block of outputs has its own run of input blocks.
//
// With TRANSPOSED it is the transposed convolution: x[n, (i + padding - u·dilation) / stride, …, c] under the sum, where a
// tap counts only if the division leaves no remainder. Which taps count depends on the remainder of the output's column by
// the stride alone, so that a tile's pixels lie one stride apart: all use the same taps and neighbouring input pixels.
// Taps that do not count cost one test, not a pass over the channels.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  residual: View,
  y: View,
  in_height: i32,
  in_width: i32,
  out_height: u32,
  out_width: u32,
  rows: u32,          // N · OH
  group_in: u32,      // blocks of input channels of a group
  group_out: u32,     // blocks of output channels of a group
  out_blocks: u32,    // ceil(O / 4)
  weight_blocks: u32, // out_blocks, rounded up to BLOCKS
  out_channels: u32,
  kernel: vec2<u32>,  // height, width
  stride: vec2<i32>,
  dilation: vec2<i32>,
  padding: vec2<i32>, // top, left
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read> weight: array<Vec4>;
@group(0) @binding(2) var<storage, read> bias: array<Vec4>;
@group(0) @binding(3) var<storage, read> residual: array<Vec4>;
@group(0) @binding(4) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(5) var<uniform> params: Params;

// The register tiles that one invocation can make: pixels, and blocks of four output channels.
const TILES = array(vec2u(8, 2), vec2u(4, 2), vec2u(4, 1));
override PIXELS: u32 = 4;
override BLOCKS: u32 = 1;
override TRANSPOSED: bool = false;
override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after
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

// The vec4 at `at` of a row of x, or zero if the column is outside.
fn pixel_at(row_start: u32, column: i32, c: u32) -> vec4f {
  let inside = clamp(column, 0, params.in_width - 1);
  let v = vec4f(x[row_start + u32(inside) * params.x.pixel + c]);
  return select(vec4f(0.0), v, inside == column);
}

fn store(sum: vec4f, image: u32, row: u32, column: u32, block: u32) {
  var v = sum;
  let r = params.residual;
  let at = r.offset + image * r.image + row * r.row + column * r.pixel + block;
  if (RESIDUAL == 1u) { v += vec4f(residual[at]); }
  v = activate(v);
  if (RESIDUAL == 2u) { v += vec4f(residual[at]); }
  v = select(vec4f(0.0), v, block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.out_channels));
  y[params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block] = Vec4(v);
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y, WORKGROUP_Z)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  let block = gid.x * BLOCKS;
  // From one pixel of the tile to the next, in columns of y and of x.
  var spread = 1u;
  var step = params.stride.y;
  if (TRANSPOSED) { spread = u32(params.stride.y); step = 1; }
  // `spread` neighbouring invocations share a run of PIXELS · spread columns.
  let column = gid.y / spread * PIXELS * spread + gid.y % spread;
  if (block >= params.out_blocks || column >= params.out_width || gid.z >= params.rows) { return; }
  let row = gid.z % params.out_height;
  let image = gid.z / params.out_height;
  let first_block = block / params.group_out * params.group_in;

  // a: sums of the first block of outputs, b: of the second
  var a0 = vec4f(bias[block]); var a1 = a0; var a2 = a0; var a3 = a0; var a4 = a0; var a5 = a0; var a6 = a0; var a7 = a0;
  var b0 = vec4f(bias[block + BLOCKS - 1u]);
  var b1 = b0; var b2 = b0; var b3 = b0; var b4 = b0; var b5 = b0; var b6 = b0; var b7 = b0;

  for (var u = 0u; u < params.kernel.x; u++) {
    var in_row = i32(row) * params.stride.x + i32(u) * params.dilation.x - params.padding.x;
    if (TRANSPOSED) {
      let above = i32(row) + params.padding.x - i32(u) * params.dilation.x;
      if (above % params.stride.x != 0) { continue; }
      in_row = above / params.stride.x;
    }
    if (in_row < 0 || in_row >= params.in_height) { continue; }
    let start = params.x.offset + image * params.x.image + u32(in_row) * params.x.row + first_block;
    for (var v = 0u; v < params.kernel.y; v++) {
      var j = i32(column) * step + i32(v) * params.dilation.y - params.padding.y;
      if (TRANSPOSED) {
        let left = i32(column) + params.padding.y - i32(v) * params.dilation.y;
        if (left % params.stride.y != 0) { continue; }
        j = left / params.stride.y;
      }
      var at = (u * params.kernel.y + v) * params.group_in * 4u * params.weight_blocks + block;
      for (var c = 0u; c < params.group_in; c++) {
        let x0 = pixel_at(start, j, c); let x1 = pixel_at(start, j + step, c);
        let x2 = pixel_at(start, j + 2 * step, c); let x3 = pixel_at(start, j + 3 * step, c);
        let w = weights(at);
        a0 = multiply_add(a0, x0, w); a1 = multiply_add(a1, x1, w);
        a2 = multiply_add(a2, x2, w); a3 = multiply_add(a3, x3, w);
        if (BLOCKS > 1u) {
          let w1 = weights(at + 1u);
          b0 = multiply_add(b0, x0, w1); b1 = multiply_add(b1, x1, w1);
          b2 = multiply_add(b2, x2, w1); b3 = multiply_add(b3, x3, w1);
          if (PIXELS > 4u) {
            let x4 = pixel_at(start, j + 4 * step, c); let x5 = pixel_at(start, j + 5 * step, c);
            let x6 = pixel_at(start, j + 6 * step, c); let x7 = pixel_at(start, j + 7 * step, c);
            a4 = multiply_add(a4, x4, w); a5 = multiply_add(a5, x5, w);
            a6 = multiply_add(a6, x6, w); a7 = multiply_add(a7, x7, w);
            b4 = multiply_add(b4, x4, w1); b5 = multiply_add(b5, x5, w1);
            b6 = multiply_add(b6, x6, w1); b7 = multiply_add(b7, x7, w1);
          }
        }
        at += 4u * params.weight_blocks;
      }
    }
  }

  // Loops whose length no compiler can tell: unrolled, `store` would make a shader that compiles for seconds.
  var sums = array<vec4f, 16>(a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7);
  let end = min(vec2u(params.out_blocks, params.out_width), vec2u(block + BLOCKS, column + PIXELS * spread));
  for (var o = block; o < end.x; o++) {
    var p = (o - block) * 8u;
    for (var j = column; j < end.y; j += spread) { store(sums[p], image, row, j, o); p++; }
  }
}
