// Convolution of a picture: up to four input channels, as the first layer of a network has.
//
//   y[n, i, j, o] = act(bias[o] + Σ_{u,v,c} x[n, i·stride + u·dilation - padding, …, c] · weight[u, v, c, o])
//
// x         [N, H, W, 1] vec4        weight [KH, KW, C, O/4] vec4, without rows for the padding channels
// residual  [N, OH, OW, O/4] vec4    bias   [O/4] vec4
// y         [N, OH, OW, O/4] vec4    O/4 of weight and bias is padded with zeros to a multiple of BLOCKS
//
// One invocation makes 2 pixels of a row × 16 output channels, neighbours along x neighbouring pixels: a pixel of the
// picture is loaded once for all of them, and the weights are the same for a whole workgroup. The general kernels
// would multiply a fourth of the time with the zeros that pad three channels to four.

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
  out_blocks: u32,    // ceil(O / 4)
  weight_blocks: u32, // out_blocks, rounded up to 4
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

const PIXELS = 2u;
const BLOCKS = 4u;  // of four output channels
override CHANNELS: u32 = 3;
override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after
override WORKGROUP_X: u32 = 16;
override WORKGROUP_Y: u32 = 4;

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

// CHANNELS inputs to four outputs.
fn weights(at: u32) -> mat4x4f {
  let step = params.weight_blocks;
  var w = mat4x4f();
  w[0] = vec4f(weight[at]);
  if (CHANNELS > 1u) { w[1] = vec4f(weight[at + step]); }
  if (CHANNELS > 2u) { w[2] = vec4f(weight[at + 2u * step]); }
  if (CHANNELS > 3u) { w[3] = vec4f(weight[at + 3u * step]); }
  return w;
}

fn multiply_add(sum: vec4f, v: vec4f, w: mat4x4f) -> vec4f {
  var s = sum + v.x * w[0];
  if (CHANNELS > 1u) { s += v.y * w[1]; }
  if (CHANNELS > 2u) { s += v.z * w[2]; }
  if (CHANNELS > 3u) { s += v.w * w[3]; }
  return s;
}

// The pixel of a row of x at a column, or zero if the column is outside.
fn pixel_at(row_start: u32, column: i32) -> vec4f {
  let inside = clamp(column, 0, params.in_width - 1);
  let v = vec4f(x[row_start + u32(inside) * params.x.pixel]);
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

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  let column = gid.x * PIXELS;
  let block = gid.z * BLOCKS;
  if (column >= params.out_width || gid.y >= params.rows) { return; }
  let row = gid.y % params.out_height;
  let image = gid.y / params.out_height;

  // a: sums of the first pixel, b: of the second, for four blocks of outputs
  var a0 = vec4f(bias[block]); var a1 = vec4f(bias[block + 1u]);
  var a2 = vec4f(bias[block + 2u]); var a3 = vec4f(bias[block + 3u]);
  var b0 = a0; var b1 = a1; var b2 = a2; var b3 = a3;
  for (var u = 0u; u < params.kernel.x; u++) {
    let in_row = i32(row) * params.stride.x + i32(u) * params.dilation.x - params.padding.x;
    if (in_row < 0 || in_row >= params.in_height) { continue; }
    let start = params.x.offset + image * params.x.image + u32(in_row) * params.x.row;
    for (var v = 0u; v < params.kernel.y; v++) {
      let j = i32(column) * params.stride.y + i32(v) * params.dilation.y - params.padding.y;
      let p = pixel_at(start, j);
      let q = pixel_at(start, j + params.stride.y);
      let at = (u * params.kernel.y + v) * CHANNELS * params.weight_blocks + block;
      let w0 = weights(at); let w1 = weights(at + 1u); let w2 = weights(at + 2u); let w3 = weights(at + 3u);
      a0 = multiply_add(a0, p, w0); a1 = multiply_add(a1, p, w1);
      a2 = multiply_add(a2, p, w2); a3 = multiply_add(a3, p, w3);
      b0 = multiply_add(b0, q, w0); b1 = multiply_add(b1, q, w1);
      b2 = multiply_add(b2, q, w2); b3 = multiply_add(b3, q, w3);
    }
  }
  // Loops whose length no compiler can tell: unrolled, `store` would make a shader that compiles for seconds.
  var sums = array<vec4f, 8>(a0, b0, a1, b1, a2, b2, a3, b3);
  let end = min(vec2u(params.out_blocks, params.out_width), vec2u(block + BLOCKS, column + PIXELS));
  for (var o = block; o < end.x; o++) {
    for (var p = column; p < end.y; p++) { store(sums[(o - block) * PIXELS + p - column], image, row, p, o); }
  }
}
