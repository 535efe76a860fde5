// Transposed convolution in register tiles of output pixels that use the same taps.
//
//   y[n, i, j, o] = act(bias[o] + Σ_{u,v,c} x[n, (i + padding - u·dilation) / stride, …, c] · weight[u, v, c, o])
//
// where a tap counts only if the division leaves no remainder and lands inside the picture.
//
// x         [N, H, W, C/4] vec4      weight [KH, KW, C/groups/4, 4, O/4] vec4: four inputs, each with four outputs
// residual  [N, OH, OW, O/4] vec4    bias   [O/4] vec4
// y         [N, OH, OW, O/4] vec4    O/4 of weight and bias is padded with zeros to a multiple of BLOCKS
//
// Which taps count depends on the remainder of the output's column by the stride alone, so that one invocation makes
// 4 pixels one stride apart × BLOCKS blocks of four channels: all use the same taps and neighbouring input pixels.
// Taps that do not count cost one test, not a pass over the channels: a 2×2 kernel with stride 2 does one tap per
// pixel. For each tap and four input channels: 4 + 4·BLOCKS vec4 loads, 64·BLOCKS multiply-adds.

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
const TILES = array(vec2u(4, 2), vec2u(4, 1));
override BLOCKS: u32 = 1;
override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after
override WORKGROUP_X: u32 = 8;
override WORKGROUP_Y: u32 = 8;
override WORKGROUP_Z: u32 = 1;

fn activate(v: vec4f) -> vec4f {
  let a = vec4f(params.alpha); let b = vec4f(params.beta);
  switch (ACTIVATION) {
    case 1u: { return select(select(v, a, v < a), b, v > b); }             // relu, relu6, clip
    case 2u: { return select(v, a * v, v < vec4f(0.0)); }                  // leaky-relu
    case 3u: { return 1.0 / (1.0 + exp(-v)); }                             // sigmoid
    case 4u: { return v / (1.0 + exp(-a * v)); }                           // silu
    case 5u: { return clamp(a * v + b, vec4f(0.0), vec4f(1.0)); }          // hard-sigmoid
    case 6u: { return v * clamp(v / 6.0 + 0.5, vec4f(0.0), vec4f(1.0)); }  // hard-swish
    case 7u: { return tanh(clamp(v, vec4f(-15.0), vec4f(15.0))); }         // tanh
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

// The vec4 of a row of x at a column, or zero if the column is outside.
fn pixel_at(row_start: u32, column: i32) -> vec4f {
  let inside = clamp(column, 0, params.in_width - 1);
  let v = vec4f(x[row_start + u32(inside) * params.x.pixel]);
  return select(vec4f(0.0), v, inside == column);
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

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y, WORKGROUP_Z)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  let block = gid.x * BLOCKS;
  let step = u32(params.stride.y);
  // `step` neighbouring invocations share a run of 4 · step columns
  let column = gid.y / step * 4u * step + gid.y % step;
  if (block >= params.out_blocks || column >= params.out_width || gid.z >= params.rows) { return; }
  let row = gid.z % params.out_height;
  let image = gid.z / params.out_height;
  let first_block = block / params.group_out * params.group_in;

  // a: sums of the first block of outputs, b: of the second
  var a0 = vec4f(0.0); var a1 = a0; var a2 = a0; var a3 = a0;
  var b0 = a0; var b1 = a0; var b2 = a0; var b3 = a0;
  for (var u = 0u; u < params.kernel.x; u++) {
    let above = i32(row) + params.padding.x - i32(u) * params.dilation.x;
    let in_row = above / params.stride.x;
    if (above < 0 || above % params.stride.x != 0 || in_row >= params.in_height) { continue; }
    let start = params.x.offset + image * params.x.image + u32(in_row) * params.x.row + first_block;
    for (var v = 0u; v < params.kernel.y; v++) {
      let left = i32(column) + params.padding.y - i32(v) * params.dilation.y;
      if (left % params.stride.y != 0) { continue; }
      let j = left / params.stride.y;
      var at = (u * params.kernel.y + v) * params.group_in * 4u * params.weight_blocks + block;
      for (var c = 0u; c < params.group_in; c++) {
        let s = start + c;
        let x0 = pixel_at(s, j); let x1 = pixel_at(s, j + 1); let x2 = pixel_at(s, j + 2); let x3 = pixel_at(s, j + 3);
        let w = weights(at);
        a0 = multiply_add(a0, x0, w); a1 = multiply_add(a1, x1, w);
        a2 = multiply_add(a2, x2, w); a3 = multiply_add(a3, x3, w);
        if (BLOCKS > 1u) {
          let w1 = weights(at + 1u);
          b0 = multiply_add(b0, x0, w1); b1 = multiply_add(b1, x1, w1);
          b2 = multiply_add(b2, x2, w1); b3 = multiply_add(b3, x3, w1);
        }
        at += 4u * params.weight_blocks;
      }
    }
  }

  // The loop's length is known only at run time: unrolled, `store` would make a shader that compiles for seconds.
  var sums = array<vec4f, 8>(a0, a1, a2, a3, b0, b1, b2, b3);
  let blocks = min(BLOCKS, params.out_blocks - block);
  let pixels = min(4u, (params.out_width - column + step - 1u) / step);
  for (var b = 0u; b < blocks; b++) {
    for (var p = 0u; p < pixels; p++) { store(sums[b * 4u + p], image, row, column + p * step, block + b); }
  }
}
