// Winograd's convolution F(4×4, 3×3), last of three passes: the products are transformed back into 4×4 outputs.
//
//   y = act(Aᵀ m A + bias),   Aᵀ = 1  1  1  1  1  0     (Lavin and Gray 2016, section 4.2)
//                                  0  1 -1  2 -2  0
//                                  0  1  1  4  4  0
//                                  0  1 -1  8 -8  1
//
// m         [tiles, 36, O/4] vec4, always float32    bias [O/4] vec4
// residual  [N, OH, OW, O/4] vec4                    y    [N, OH, OW, O/4] vec4
//
// One invocation makes the 4×4 outputs of one tile for four channels: 36 loads, 16 stores. What lies beyond the picture
// when no tile divides its size is not stored.

alias Scalar = f32;
alias Vec4 = vec4<f32>;
alias Line = array<vec4<f32>, 4>;

// Where an nhwc4 tensor lies, in vec4s: its first one, and the step to the next image, row and pixel.
struct View { offset: u32, image: u32, row: u32, pixel: u32 }

struct Params {
  residual: View,
  y: View,
  out_height: u32,
  out_width: u32,
  out_blocks: u32,    // ceil(O / 4)
  out_channels: u32,
  tiles: u32,         // N · tile_rows · tile_columns
  tile_rows: u32,     // ceil(OH / 4)
  tile_columns: u32,  // ceil(OW / 4)
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> m: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> bias: array<Vec4>;
@group(0) @binding(2) var<storage, read> residual: array<Vec4>;
@group(0) @binding(3) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(4) var<uniform> params: Params;

override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after
override WORKGROUP_X: u32 = 8;
override WORKGROUP_Y: u32 = 8;

fn activate(v: vec4<f32>) -> vec4<f32> {
  let a = vec4<f32>(params.alpha);
  let b = vec4<f32>(params.beta);
  switch (ACTIVATION) {
    case 1u: { return select(select(v, a, v < a), b, v > b); }                     // relu, relu6, clip
    case 2u: { return select(v, a * v, v < vec4<f32>(0.0)); }                      // leaky-relu
    case 3u: { return 1.0 / (1.0 + exp(-v)); }                                     // sigmoid
    case 4u: { return v / (1.0 + exp(-a * v)); }                                   // silu
    case 5u: { return clamp(a * v + b, vec4<f32>(0.0), vec4<f32>(1.0)); }          // hard-sigmoid
    case 6u: { return v * clamp(v / 6.0 + 0.5, vec4<f32>(0.0), vec4<f32>(1.0)); }  // hard-swish
    case 7u: { return tanh(clamp(v, vec4<f32>(-15.0), vec4<f32>(15.0))); }         // tanh
    default: { return v; }
  }
}

// Aᵀ times a column of six.
fn transform(
  m0: vec4<f32>, m1: vec4<f32>, m2: vec4<f32>, m3: vec4<f32>, m4: vec4<f32>, m5: vec4<f32>,
) -> Line {
  let a = m1 + m2;
  let b = m1 - m2;
  let e = m3 + m4;
  let f = 2.0 * (m3 - m4);
  return Line(m0 + a + e, b + f, a + 4.0 * e, b + 4.0 * f + m5);
}

// A column of Aᵀ m, whose six numbers lie six steps apart.
fn load(at: u32, step: u32) -> Line {
  return transform(m[at], m[at + 6u * step], m[at + 12u * step], m[at + 18u * step], m[at + 24u * step], m[at + 30u * step]);
}

fn store(sum: vec4<f32>, image: u32, row: u32, column: u32, block: u32) {
  if (column >= params.out_width) { return; }
  var v = sum;
  let r = params.residual;
  let at = r.offset + image * r.image + row * r.row + column * r.pixel + block;
  if (RESIDUAL == 1u) { v += vec4<f32>(residual[at]); }
  v = activate(v);
  if (RESIDUAL == 2u) { v += vec4<f32>(residual[at]); }
  let lanes = block * 4u + vec4<u32>(0u, 1u, 2u, 3u);
  v = select(vec4<f32>(0.0), v, lanes < vec4<u32>(params.out_channels));
  y[params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block] = Vec4(v);
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) gid: vec3<u32>) {
  let block = gid.x;
  let tile = gid.y;
  if (block >= params.out_blocks || tile >= params.tiles) { return; }
  let column = tile % params.tile_columns * 4u;
  let row = tile / params.tile_columns % params.tile_rows * 4u;
  let image = tile / params.tile_columns / params.tile_rows;

  let step = params.out_blocks;
  let at = tile * 36u * step + block;
  let s0 = load(at, step);
  let s1 = load(at + step, step);
  let s2 = load(at + 2u * step, step);
  let s3 = load(at + 3u * step, step);
  let s4 = load(at + 4u * step, step);
  let s5 = load(at + 5u * step, step);

  // One loop keeps the code for residual and activation small: a large shader compiles for seconds.
  let b = vec4<f32>(bias[block]);
  var rows = array<Line, 4>(
    transform(s0[0], s1[0], s2[0], s3[0], s4[0], s5[0]), transform(s0[1], s1[1], s2[1], s3[1], s4[1], s5[1]),
    transform(s0[2], s1[2], s2[2], s3[2], s4[2], s5[2]), transform(s0[3], s1[3], s2[3], s3[3], s4[3], s5[3]));
  let height = min(4u, params.out_height - row);
  for (var i = 0u; i < height; i++) {
    for (var j = 0u; j < 4u; j++) { store(rows[i][j] + b, image, row + i, column + j, block); }
  }
}
