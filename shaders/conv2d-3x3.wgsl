// 3×3 convolution with stride 1 and dilation 1, each loaded pixel used for all three taps of its row.
//
//   y[n, i, j, o] = act(bias[o] + Σ_{u,v,c} x[n, i + u - top, j + v - left, c] · weight[u, v, c, o])
//
// x         [N, H, W, C/4] vec4      weight [3, 3, C/4, 4, O/4] vec4: four inputs, each with four outputs
// residual  [N, OH, OW, O/4] vec4    bias   [O/4] vec4
// y         [N, OH, OW, O/4] vec4    O/4 of weight and bias is padded with zeros to a multiple of BLOCKS
//
// One invocation makes PIXELS pixels of one output row × BLOCKS blocks of four channels. Neighbouring pixels look at
// overlapping windows: for one row of taps and four input channels, the tile needs PIXELS + 2 vec4s of x, where
// conv2d-tiled loads 3·PIXELS. With 12·BLOCKS vec4s of weights that feeds 48·PIXELS·BLOCKS multiply-adds: at 8×2,
// 34 loads for 768.

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
  in_blocks: u32,     // ceil(C / 4)
  out_blocks: u32,    // ceil(O / 4)
  weight_blocks: u32, // out_blocks, rounded up to BLOCKS
  out_channels: u32,
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

// Where a column lies in a row of x, in vec4s. Columns outside lie at one inside, and count as zero.
fn offset_of(column: i32) -> u32 { return u32(clamp(column, 0, params.in_width - 1)) * params.x.pixel; }
fn has_column(column: i32) -> bool { return column >= 0 && column < params.in_width; }
fn load(at: u32, inside: bool) -> vec4f { return select(vec4f(0.0), vec4f(x[at]), inside); }

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
  let column = gid.y * PIXELS;
  if (block >= params.out_blocks || column >= params.out_width || gid.z >= params.rows) { return; }
  let row = gid.z % params.out_height;
  let image = gid.z / params.out_height;
  let left = i32(column) - params.padding.y;
  let next_tap = params.in_blocks * 4u * params.weight_blocks;

  // a: sums of the first block of outputs, b: of the second
  var a0 = vec4f(bias[block]); var a1 = a0; var a2 = a0; var a3 = a0; var a4 = a0; var a5 = a0; var a6 = a0; var a7 = a0;
  var b0 = vec4f(bias[block + BLOCKS - 1u]);
  var b1 = b0; var b2 = b0; var b3 = b0; var b4 = b0; var b5 = b0; var b6 = b0; var b7 = b0;

  // Compilers do not move clamps and masks out of the loops.
  let o0 = offset_of(left);     let o1 = offset_of(left + 1); let o2 = offset_of(left + 2);
  let o3 = offset_of(left + 3); let o4 = offset_of(left + 4); let o5 = offset_of(left + 5);
  let o6 = offset_of(left + 6); let o7 = offset_of(left + 7); let o8 = offset_of(left + 8);
  let o9 = offset_of(left + 9);
  let i0 = has_column(left);     let i1 = has_column(left + 1); let i2 = has_column(left + 2);
  let i3 = has_column(left + 3); let i4 = has_column(left + 4); let i5 = has_column(left + 5);
  let i6 = has_column(left + 6); let i7 = has_column(left + 7); let i8 = has_column(left + 8);
  let i9 = has_column(left + 9);
  for (var u = 0u; u < 3u; u++) {
    let in_row = i32(row + u) - params.padding.x;
    if (in_row < 0 || in_row >= params.in_height) { continue; }
    let start = params.x.offset + image * params.x.image + u32(in_row) * params.x.row;
    for (var c = 0u; c < params.in_blocks; c++) {
      let s = start + c;
      let at = 3u * u * next_tap + c * 4u * params.weight_blocks + block;
      let x0 = load(s + o0, i0); let x1 = load(s + o1, i1); let x2 = load(s + o2, i2);
      let x3 = load(s + o3, i3); let x4 = load(s + o4, i4); let x5 = load(s + o5, i5);
      let u0 = weights(at); let u1 = weights(at + next_tap); let u2 = weights(at + 2u * next_tap);
      a0 = multiply_add(multiply_add(multiply_add(a0, x0, u0), x1, u1), x2, u2);
      a1 = multiply_add(multiply_add(multiply_add(a1, x1, u0), x2, u1), x3, u2);
      a2 = multiply_add(multiply_add(multiply_add(a2, x2, u0), x3, u1), x4, u2);
      a3 = multiply_add(multiply_add(multiply_add(a3, x3, u0), x4, u1), x5, u2);
      if (BLOCKS > 1u) {
        let v0 = weights(at + 1u); let v1 = weights(at + 1u + next_tap); let v2 = weights(at + 1u + 2u * next_tap);
        b0 = multiply_add(multiply_add(multiply_add(b0, x0, v0), x1, v1), x2, v2);
        b1 = multiply_add(multiply_add(multiply_add(b1, x1, v0), x2, v1), x3, v2);
        b2 = multiply_add(multiply_add(multiply_add(b2, x2, v0), x3, v1), x4, v2);
        b3 = multiply_add(multiply_add(multiply_add(b3, x3, v0), x4, v1), x5, v2);
        if (PIXELS > 4u) {
          let x6 = load(s + o6, i6); let x7 = load(s + o7, i7);
          let x8 = load(s + o8, i8); let x9 = load(s + o9, i9);
          a4 = multiply_add(multiply_add(multiply_add(a4, x4, u0), x5, u1), x6, u2);
          a5 = multiply_add(multiply_add(multiply_add(a5, x5, u0), x6, u1), x7, u2);
          a6 = multiply_add(multiply_add(multiply_add(a6, x6, u0), x7, u1), x8, u2);
          a7 = multiply_add(multiply_add(multiply_add(a7, x7, u0), x8, u1), x9, u2);
          b4 = multiply_add(multiply_add(multiply_add(b4, x4, v0), x5, v1), x6, v2);
          b5 = multiply_add(multiply_add(multiply_add(b5, x5, v0), x6, v1), x7, v2);
          b6 = multiply_add(multiply_add(multiply_add(b6, x6, v0), x7, v1), x8, v2);
          b7 = multiply_add(multiply_add(multiply_add(b7, x7, v0), x8, v1), x9, v2);
        }
      }
    }
  }

  // The loop's length is known only at run time: unrolled, `store` would make a shader that compiles for seconds.
  var sums = array<vec4f, 16>(a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7);
  let blocks = min(BLOCKS, params.out_blocks - block);
  let pixels = min(PIXELS, params.out_width - column);
  for (var b = 0u; b < blocks; b++) {
    for (var p = 0u; p < pixels; p++) { store(sums[b * 8u + p], image, row, column + p, block + b); }
  }
}
