// 1×1 convolution over few pixels and many channels, the sum over the input channels shared out within a workgroup.
//
//   y[p, o] = act(bias[o] + Σ_c x[p, c] · weight[c, o])
//
// x         [pixels, C/4] vec4       weight [C/4, 4, O/4] vec4: the four inputs of a block, each with four outputs
// residual  [pixels, O/4] vec4       bias   [O/4] vec4
// y         [pixels, O/4] vec4
//
// A workgroup makes PIXELS pixels × BLOCKS blocks of four channels. Its invocation (b, s) adds up every SLICES-th block of
// inputs for block b; workgroup memory holds these partial sums [SLICES, BLOCKS, PIXELS], and after one barrier the
// first PIXELS slices each add up one pixel. Late in a classifier there are 49 pixels: conv2d-pointwise makes a few
// hundred invocations of them, each with a long loop, and most of a GPU waits; this makes SLICES times as many. All
// workgroups of a block load all of its weights: the more pixels each has, the fewer they are. On software adapters
// barriers are slow, and conv2d-pointwise is better.
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
  weight_blocks: u32, // as out_blocks
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

override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after
override REPEATED: bool = false;  // the residual is a smaller picture
override PIXELS: u32 = 4;  // or 8
override BLOCKS: u32 = 8;
override SLICES: u32 = 8;  // PIXELS at least

var<workgroup> partial: array<vec4f, SLICES * BLOCKS * PIXELS>;

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

@compute @workgroup_size(BLOCKS, SLICES)
fn main(@builtin(local_invocation_id) local: vec3u, @builtin(workgroup_id) group: vec3u) {
  let block = group.x * BLOCKS + local.x;
  let first = group.y * PIXELS;
  let slice = local.y;

  // Invocations past the last block add up a copy of it: all must reach the barrier.
  let column = min(block, params.out_blocks - 1u);
  let p0 = source(first); let p1 = source(first + 1u); let p2 = source(first + 2u); let p3 = source(first + 3u);
  let p4 = source(first + 4u); let p5 = source(first + 5u); let p6 = source(first + 6u); let p7 = source(first + 7u);
  var a0 = vec4f(0.0); var a1 = a0; var a2 = a0; var a3 = a0; var a4 = a0; var a5 = a0; var a6 = a0; var a7 = a0;
  for (var c = slice; c < params.in_blocks; c += SLICES) {
    let w = weights(c * 4u * params.weight_blocks + column);
    a0 = multiply_add(a0, vec4f(x[p0 + c]), w); a1 = multiply_add(a1, vec4f(x[p1 + c]), w);
    a2 = multiply_add(a2, vec4f(x[p2 + c]), w); a3 = multiply_add(a3, vec4f(x[p3 + c]), w);
    if (PIXELS > 4u) {
      a4 = multiply_add(a4, vec4f(x[p4 + c]), w); a5 = multiply_add(a5, vec4f(x[p5 + c]), w);
      a6 = multiply_add(a6, vec4f(x[p6 + c]), w); a7 = multiply_add(a7, vec4f(x[p7 + c]), w);
    }
  }
  let slot = (slice * BLOCKS + local.x) * PIXELS;
  partial[slot] = a0; partial[slot + 1u] = a1; partial[slot + 2u] = a2; partial[slot + 3u] = a3;
  if (PIXELS > 4u) {
    partial[slot + 4u] = a4; partial[slot + 5u] = a5; partial[slot + 6u] = a6; partial[slot + 7u] = a7;
  }
  workgroupBarrier();

  let pixel = first + slice;
  if (slice >= PIXELS || block >= params.out_blocks || pixel >= params.pixels) { return; }
  var v = vec4f(bias[block]);
  for (var s = 0u; s < SLICES; s++) { v += partial[(s * BLOCKS + local.x) * PIXELS + slice]; }
  let r = residual_of(pixel) + block;
  if (RESIDUAL == 1u) { v += vec4f(residual[r]); }
  v = activate(v);
  if (RESIDUAL == 2u) { v += vec4f(residual[r]); }
  v = select(vec4f(0.0), v, block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.out_channels));
  y[params.y.offset + pixel * params.y.pixel + block] = Vec4(v);
}
