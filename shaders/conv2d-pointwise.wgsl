// 1×1 convolution with stride 1 and no padding: a matrix product over pixels, [pixels, C] × [C, O].
//
//   y[p, o] = act(bias[o] + Σ_c x[p, c] · weight[c, o])
//
// x         [pixels, C/4] vec4       weight [C/4, 4, O/4] vec4: the four inputs of a block, each with four outputs
// residual  [pixels, O/4] vec4       bias   [O/4] vec4
// y         [pixels, O/4] vec4       O/4 of weight and bias is padded with zeros to a multiple of BLOCKS
//
// The naive kernel loads two numbers for each multiply-add. Here one invocation keeps a tile of PIXELS × BLOCKS vec4
// sums in registers: for four input channels it loads PIXELS + 4·BLOCKS vec4s and does 16·PIXELS·BLOCKS multiply-adds,
// 8 per vec4 loaded at 4×1, 16 at 8×2. No workgroup memory and no barrier: neighbours along x read neighbouring
// weights and the same pixels, so that the cache does the sharing.
//
// The sums are named variables because compilers keep those in registers, and an indexed array often not.
//
// With REPEATED the residual is a smaller picture, [N, OH / repetition, OW / repetition, O/4], each of whose pixels is
// added to several: a coarser map of a feature pyramid, which is never enlarged in memory.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

// Where an nhwc4 tensor lies, in vec4s. Here a whole batch is one row of pixels.
struct View { offset: u32, image: u32, row: u32, pixel: u32 }

struct Params {
  x: View,
  residual: View,
  y: View,
  pixels: u32,        // N · H · W
  in_blocks: u32,     // ceil(C / 4)
  out_blocks: u32,    // ceil(O / 4)
  weight_blocks: u32, // out_blocks, rounded up to BLOCKS
  out_channels: u32,
  size: vec2<u32>,       // OH, OW
  repetition: vec2<u32>, // of the residual's pixels
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
override REPEATED: bool = false;  // the residual is a smaller picture
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

// Four inputs to four outputs.
fn weights(at: u32) -> mat4x4f {
  let n = params.weight_blocks;
  return mat4x4f(vec4f(weight[at]), vec4f(weight[at + n]), vec4f(weight[at + 2u * n]), vec4f(weight[at + 3u * n]));
}

fn multiply_add(sum: vec4f, v: vec4f, w: mat4x4f) -> vec4f {
  return sum + v.x * w[0] + v.y * w[1] + v.z * w[2] + v.w * w[3];
}

// The first vec4 of the residual for a pixel.
fn residual_of(pixel: u32) -> u32 {
  let r = params.residual;
  if (!REPEATED) { return r.offset + pixel * r.pixel; }
  let line = pixel / params.size.y;
  let cell = vec2u(line % params.size.x, pixel % params.size.y) / params.repetition;
  return r.offset + line / params.size.x * r.image + cell.x * r.row + cell.y * r.pixel;
}

// The first vec4 of a pixel. Pixels past the last are computed as copies of it and not stored.
fn source(pixel: u32) -> u32 { return params.x.offset + min(pixel, params.pixels - 1u) * params.x.pixel; }

fn store(sum: vec4f, pixel: u32, block: u32) {
  var v = sum;
  let r = residual_of(pixel) + block;
  if (RESIDUAL == 1u) { v += vec4f(residual[r]); }
  v = activate(v);
  if (RESIDUAL == 2u) { v += vec4f(residual[r]); }
  v = select(vec4f(0.0), v, block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.out_channels));
  y[params.y.offset + pixel * params.y.pixel + block] = Vec4(v);
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  let block = gid.x * BLOCKS;
  let pixel = gid.y * PIXELS;
  if (block >= params.out_blocks || pixel >= params.pixels) { return; }

  // a: sums of the first block of outputs, b: of the second
  var a0 = vec4f(bias[block]); var a1 = a0; var a2 = a0; var a3 = a0; var a4 = a0; var a5 = a0; var a6 = a0; var a7 = a0;
  var b0 = vec4f(bias[block + BLOCKS - 1u]);
  var b1 = b0; var b2 = b0; var b3 = b0; var b4 = b0; var b5 = b0; var b6 = b0; var b7 = b0;
  let p0 = source(pixel); let p1 = source(pixel + 1u); let p2 = source(pixel + 2u); let p3 = source(pixel + 3u);
  let p4 = source(pixel + 4u); let p5 = source(pixel + 5u); let p6 = source(pixel + 6u); let p7 = source(pixel + 7u);

  for (var c = 0u; c < params.in_blocks; c++) {
    let at = c * 4u * params.weight_blocks + block;
    let x0 = vec4f(x[p0 + c]); let x1 = vec4f(x[p1 + c]);
    let x2 = vec4f(x[p2 + c]); let x3 = vec4f(x[p3 + c]);
    let w = weights(at);
    a0 = multiply_add(a0, x0, w); a1 = multiply_add(a1, x1, w);
    a2 = multiply_add(a2, x2, w); a3 = multiply_add(a3, x3, w);
    if (BLOCKS > 1u) {
      let w1 = weights(at + 1u);
      b0 = multiply_add(b0, x0, w1); b1 = multiply_add(b1, x1, w1);
      b2 = multiply_add(b2, x2, w1); b3 = multiply_add(b3, x3, w1);
      if (PIXELS > 4u) {
        let x4 = vec4f(x[p4 + c]); let x5 = vec4f(x[p5 + c]);
        let x6 = vec4f(x[p6 + c]); let x7 = vec4f(x[p7 + c]);
        a4 = multiply_add(a4, x4, w); a5 = multiply_add(a5, x5, w);
        a6 = multiply_add(a6, x6, w); a7 = multiply_add(a7, x7, w);
        b4 = multiply_add(b4, x4, w1); b5 = multiply_add(b5, x5, w1);
        b6 = multiply_add(b6, x6, w1); b7 = multiply_add(b7, x7, w1);
      }
    }
  }

  // Loops whose length no compiler can tell: unrolled, `store` would make a shader that compiles for seconds.
  var sums = array<vec4f, 16>(a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7);
  let end = min(vec2u(params.out_blocks, params.pixels), vec2u(block + BLOCKS, pixel + PIXELS));
  for (var o = block; o < end.x; o++) {
    for (var p = pixel; p < end.y; p++) { store(sums[(o - block) * 8u + p - pixel], p, o); }
  }
}
