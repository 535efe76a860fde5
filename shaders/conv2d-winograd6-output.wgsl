// Winograd's convolution F(6×6, 3×3), last of three passes: the products are transformed back into 6×6 outputs.
//
//   y = act(Aᵀ m A + bias),   Aᵀ = 1  1  1   1   1   1     1     0     (Winograd 1980, in the points 0, ±1, ±2, ±1/2, ∞)
//                                  0  1 -1   2  -2   1/2  -1/2   0
//                                  0  1  1   4   4   1/4   1/4   0
//                                  0  1 -1   8  -8   1/8  -1/8   0
//                                  0  1  1  16  16   1/16  1/16  0
//                                  0  1 -1  32 -32   1/32 -1/32  1
//
// m         [tiles, 64, O] float32    bias [O]
// residual  [N, OH, OW, O]              y    [N, OH, OW, O]      O is padded to a multiple of four
//
// One invocation makes the 6×6 outputs of one tile for one channel: 64 loads, 36 stores. What lies beyond the
// picture when no tile divides its size is not stored.

alias Scalar = f32;
alias Products = array<f32, 8>;
alias Line = array<f32, 6>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  residual: View,
  y: View,
  out_height: u32,
  out_width: u32,
  out_blocks: u32,      // ceil(O / 4)
  product_blocks: u32,  // the same in m
  out_channels: u32,
  tiles: u32,           // N · tile_rows · tile_columns
  tile_rows: u32,       // ceil(OH / 6)
  tile_columns: u32,    // ceil(OW / 6)
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> m: array<f32>;
@group(0) @binding(1) var<storage, read> bias: array<Scalar>;
@group(0) @binding(2) var<storage, read> residual: array<Scalar>;
@group(0) @binding(3) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(4) var<uniform> params: Params;

override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after
override WORKGROUP_X: u32 = 8;
override WORKGROUP_Y: u32 = 8;

// Not every platform's exp and clamp keep NaN. A test of the bits: compilers may assume that there is none.
fn keep_nan(v: f32, y: f32) -> f32 { return select(y, v, (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u); }

fn activate(v: f32) -> f32 {
  let a = params.alpha; let b = params.beta;
  switch (ACTIVATION) {
    case 1u: { return select(select(v, a, v < a), b, v > b); }  // relu, relu6, clip
    case 2u: { return select(v, a * v, v < 0.0); }              // leaky-relu
    case 3u: { return keep_nan(v, 1.0 / (1.0 + exp(-v))); }                // sigmoid
    case 4u: { return keep_nan(v, v / (1.0 + exp(-a * v))); }              // silu
    case 5u: { return keep_nan(v, clamp(a * v + b, 0.0, 1.0)); }           // hard-sigmoid
    case 6u: { return keep_nan(v, v * clamp(v / 6.0 + 0.5, 0.0, 1.0)); }   // hard-swish
    case 7u: { return keep_nan(v, tanh(clamp(v, -15.0, 15.0))); }          // tanh
    default: { return v; }
  }
}

// Aᵀ times a column of eight.
fn transform(m: Products) -> Line {
  let a = m[1] + m[2];
  let b = m[1] - m[2];
  let e = m[3] + m[4];
  let f = 2.0 * (m[3] - m[4]);
  let g = m[5] + m[6];
  let h = 0.5 * (m[5] - m[6]);
  return Line(
    m[0] + a + e + g, b + f + h, a + 4.0 * e + 0.25 * g, b + 4.0 * f + 0.25 * h, a + 16.0 * e + 0.0625 * g,
    b + 16.0 * f + 0.0625 * h + m[7]);
}

// A column of Aᵀ m, whose eight numbers lie eight steps apart.
fn load_column(at: u32, step: u32) -> Line {
  return transform(Products(
    m[at], m[at + 8u * step], m[at + 16u * step], m[at + 24u * step],
    m[at + 32u * step], m[at + 40u * step], m[at + 48u * step], m[at + 56u * step]));
}

// One output, whose image begins `at` in the residual and in y.
fn store(sum: f32, at: vec2u, row: u32, column: u32, o: u32) {
  if (row >= params.out_height || column >= params.out_width) { return; }
  let r = (at.x + row * params.residual.row + column * params.residual.pixel) * 4u + o;
  var v = sum;
  if (RESIDUAL == 1u) { v += f32(residual[r]); }
  v = activate(v);
  if (RESIDUAL == 2u) { v += f32(residual[r]); }
  y[(at.y + row * params.y.row + column * params.y.pixel) * 4u + o] = Scalar(select(0.0, v, o < params.out_channels));
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  // Never true. Indices are clamped to their array's length, for which SwiftShader would divide in each turn of a loop.
  if (min(arrayLength(&residual), arrayLength(&y)) == 0u) { return; }
  let o = gid.x;
  let tile = gid.y;
  if (o >= params.out_blocks * 4u || tile >= params.tiles) { return; }
  let column = tile % params.tile_columns * 6u;
  let row = tile / params.tile_columns % params.tile_rows * 6u;
  let image = tile / params.tile_columns / params.tile_rows;

  let step = params.product_blocks * 4u;
  let at = tile * 64u * step + o;
  let s0 = load_column(at, step); let s1 = load_column(at + step, step);
  let s2 = load_column(at + 2u * step, step); let s3 = load_column(at + 3u * step, step);
  let s4 = load_column(at + 4u * step, step); let s5 = load_column(at + 5u * step, step);
  let s6 = load_column(at + 6u * step, step); let s7 = load_column(at + 7u * step, step);

  let b = f32(bias[o]);
  let starts = vec2u(params.residual.offset + image * params.residual.image, params.y.offset + image * params.y.image);
  // One loop keeps the code for residual and activation small: a large shader compiles for seconds.
  var rows = array<Line, 6>(
    transform(Products(s0[0], s1[0], s2[0], s3[0], s4[0], s5[0], s6[0], s7[0])),
    transform(Products(s0[1], s1[1], s2[1], s3[1], s4[1], s5[1], s6[1], s7[1])),
    transform(Products(s0[2], s1[2], s2[2], s3[2], s4[2], s5[2], s6[2], s7[2])),
    transform(Products(s0[3], s1[3], s2[3], s3[3], s4[3], s5[3], s6[3], s7[3])),
    transform(Products(s0[4], s1[4], s2[4], s3[4], s4[4], s5[4], s6[4], s7[4])),
    transform(Products(s0[5], s1[5], s2[5], s3[5], s4[5], s5[5], s6[5], s7[5])));
  for (var i = 0u; i < 6u; i++) {
    for (var j = 0u; j < 6u; j++) { store(rows[i][j] + b, starts, row + i, column + j, o); }
  }
}
