// Winograd's convolution F(2×2, 3×3), last of three passes: the products are transformed back into 2×2 outputs.
//
//   y = act(Aᵀ m A + bias),   Aᵀ = 1  1  1  0     (Lavin and Gray 2016, section 4.1)
//                                  0  1 -1 -1
//
// m         [tiles, 16, O/4] vec4, always float32    bias [O/4] vec4
// residual  [N, OH, OW, O/4] vec4                    y    [N, OH, OW, O/4] vec4
//
// One invocation makes the 2×2 outputs of one tile for four channels: 16 loads, 24 additions, 4 stores. What lies beyond
// the picture when its size is odd is not stored.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

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
  tile_rows: u32,       // ceil(OH / 2)
  tile_columns: u32,    // ceil(OW / 2)
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> m: array<vec4f>;
@group(0) @binding(1) var<storage, read> bias: array<Vec4>;
@group(0) @binding(2) var<storage, read> residual: array<Vec4>;
@group(0) @binding(3) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(4) var<uniform> params: Params;

override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after
override WORKGROUP_X: u32 = 8;
override WORKGROUP_Y: u32 = 8;

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

fn store(sum: vec4f, image: u32, row: u32, column: u32, block: u32) {
  var v = sum + vec4f(bias[block]);
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
  let block = gid.x;
  let tile = gid.y;
  if (block >= params.out_blocks || tile >= params.tiles) { return; }
  let column = tile % params.tile_columns * 2u;
  let row = tile / params.tile_columns % params.tile_rows * 2u;
  let image = tile / params.tile_columns / params.tile_rows;

  let step = params.product_blocks;
  var at = tile * 16u * step + block;
  // Rows of Aᵀ m, summed as the rows of m come: upper and lower, four columns each.
  var upper = mat4x4f();
  var lower = mat4x4f();
  for (var r = 0u; r < 4u; r++) {
    let line = mat4x4f(m[at], m[at + step], m[at + 2u * step], m[at + 3u * step]);
    at += 4u * step;
    if (r < 3u) { upper += line; }
    if (r == 1u) { lower += line; }
    if (r > 1u) { lower -= line; }
  }
  // Loops whose length no compiler can tell: unrolled, `store` would make a shader that compiles for seconds.
  var sums = array<vec4f, 4>(
    upper[0] + upper[1] + upper[2], upper[1] - upper[2] - upper[3],
    lower[0] + lower[1] + lower[2], lower[1] - lower[2] - lower[3]);
  let end = min(vec2u(params.out_height, params.out_width), vec2u(row, column) + 2u);
  for (var i = row; i < end.x; i++) {
    for (var j = column; j < end.y; j++) { store(sums[(i - row) * 2u + j - column], image, i, j, block); }
  }
}
