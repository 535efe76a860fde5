// Convolution of any kernel, stride, dilation and padding, for adapters whose invocations run in fours: a quad shares
// what it loads.
//
//   y[n, i, j, o] = act(bias[o] + Σ_{u,v,c} x[n, i·stride + u·dilation - padding, …, c] · weight[u, v, c, o])
//
// x         [N, H, W, C/4] vec4      weight [KH, KW, C/4, 4, O/4] vec4: four inputs, each with four outputs
// residual  [N, OH, OW, O/4] vec4    bias   [O/4] vec4
// y         [N, OH, OW, O/4] vec4    O/4 of weight and bias is padded with zeros to a multiple of BLOCKS
//
// The four invocations along x are a quad: they make the same 12 pixels (4 or 8 where there are few), each for BLOCKS
// blocks of four outputs of its own. Alone, each would load all 12 pixels; here each loads every fourth and gets the
// others' by swaps, which move registers. 3 + 4·BLOCKS loads feed 192·BLOCKS multiply-adds; without the quad it would be
// 12 + 4·BLOCKS.
//
// Pixels are counted through all rows and images, so that small pictures fill their tiles. Swaps want all four
// invocations to be there: nobody leaves early; those outside load what lies inside, and store nothing.

enable subgroups;

alias Scalar = f32;
alias Vec4 = vec4<f32>;

// Where an nhwc4 tensor lies, in vec4s: its first one, and the step to the next image, row and pixel.
struct View { offset: u32, image: u32, row: u32, pixel: u32 }

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

override BLOCKS: u32 = 1;  // of four output channels, of one invocation: 1 or 3
override FOURS: u32 = 3;   // of pixels, of a quad: 1 to 3
override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after
override WORKGROUP_Y: u32 = 1;

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

// Four inputs to four outputs.
fn weights(at: u32) -> mat4x4<f32> {
  let step = params.weight_blocks;
  return mat4x4<f32>(
    vec4<f32>(weight[at]), vec4<f32>(weight[at + step]),
    vec4<f32>(weight[at + 2u * step]), vec4<f32>(weight[at + 3u * step]));
}

// What the quad's invocations hold, as columns: one's own and those of its neighbours `lane ^ 1`, `^ 2` and `^ 3`.
fn shared_by_quad(own: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own));
}

// The window of an output pixel: where its image begins in x, and the row and column of its first tap.
struct Window { image: u32, row: i32, column: i32 }

fn window_of(pixel: u32) -> Window {
  let inside = min(pixel, params.rows * params.out_width - 1u);
  let row = inside / params.out_width;
  return Window(
    params.x.offset + row / params.out_height * params.x.image,
    i32(row % params.out_height) * params.stride.x - params.padding.x,
    i32(inside % params.out_width) * params.stride.y - params.padding.y);
}

// Four channels of the pixel under a tap of a window, or zero if it is outside.
fn pixel_at(w: Window, tap: vec2<i32>, c: u32) -> vec4<f32> {
  let row = w.row + tap.x * params.dilation.x;
  let column = w.column + tap.y * params.dilation.y;
  let r = clamp(row, 0, params.in_height - 1);
  let s = clamp(column, 0, params.in_width - 1);
  let value = vec4<f32>(x[w.image + u32(r) * params.x.row + u32(s) * params.x.pixel + c]);
  return select(vec4<f32>(0.0), value, r == row && s == column);
}

fn store(sum: vec4<f32>, pixel: u32, block: u32) {
  let row = pixel / params.out_width;
  let image = row / params.out_height;
  let at = vec3<u32>(image, row - image * params.out_height, pixel - row * params.out_width);
  var v = sum;
  let r = params.residual.offset + dot(at, vec3<u32>(params.residual.image, params.residual.row, params.residual.pixel));
  if (RESIDUAL == 1u) { v += vec4<f32>(residual[r + block]); }
  v = activate(v);
  if (RESIDUAL == 2u) { v += vec4<f32>(residual[r + block]); }
  let lanes = block * 4u + vec4<u32>(0u, 1u, 2u, 3u);
  v = select(vec4<f32>(0.0), v, lanes < vec4<u32>(params.out_channels));
  y[params.y.offset + dot(at, vec3<u32>(params.y.image, params.y.row, params.y.pixel)) + block] = Vec4(v);
}

fn four_times(v: vec4<f32>) -> mat4x4<f32> { return mat4x4<f32>(v, v, v, v); }

@compute @workgroup_size(4, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let block = gid.x * BLOCKS;
  let inside = min(block, params.weight_blocks - BLOCKS);
  let pixel = gid.y * 4u * FOURS + local.x;

  // a, b and c: sums of four pixels each, for the first, second and third block of outputs
  var a0 = four_times(vec4<f32>(bias[inside])); var b0 = a0; var c0 = a0;
  var a1 = a0; var b1 = a0; var c1 = a0;
  var a2 = a0; var b2 = a0; var c2 = a0;
  if (BLOCKS > 1u) {
    a1 = four_times(vec4<f32>(bias[inside + 1u])); b1 = a1; c1 = a1;
    a2 = four_times(vec4<f32>(bias[inside + 2u])); b2 = a2; c2 = a2;
  }
  let wa = window_of(pixel); let wb = window_of(pixel + 4u); let wc = window_of(pixel + 8u);
  // One loop over taps and channels: where loops nest, a CPU carries the sums through each of them.
  let steps = params.kernel.x * params.kernel.y * params.in_blocks;
  var tap = vec2<i32>(0);
  var c = 0u;
  for (var i = 0u; i < steps; i++) {
    let at = i * 4u * params.weight_blocks + inside;
    // All loads first: on a CPU they branch, and what is between two branches stays in registers.
    let pa = pixel_at(wa, tap, c);
    var pb = pa;
    var pc = pa;
    if (FOURS > 1u) { pb = pixel_at(wb, tap, c); }
    if (FOURS > 2u) { pc = pixel_at(wc, tap, c); }
    let w0 = weights(at);
    var w1 = w0;
    var w2 = w0;
    if (BLOCKS > 1u) { w1 = weights(at + 1u); w2 = weights(at + 2u); }
    let xa = shared_by_quad(pa); let xb = shared_by_quad(pb); let xc = shared_by_quad(pc);
    a0 += w0 * xa;
    if (FOURS > 1u) { b0 += w0 * xb; }
    if (FOURS > 2u) { c0 += w0 * xc; }
    if (BLOCKS > 1u) {
      a1 += w1 * xa; a2 += w2 * xa;
      if (FOURS > 1u) { b1 += w1 * xb; b2 += w2 * xb; }
      if (FOURS > 2u) { c1 += w1 * xc; c2 += w2 * xc; }
    }
    c++;
    let next_column = c == params.in_blocks;
    c = select(c, 0u, next_column);
    tap.y += i32(next_column);
    let next_row = tap.y == i32(params.kernel.y);
    tap = select(tap, vec2<i32>(tap.x + 1, 0), next_row);
  }

  // One loop keeps the code for residual and activation small: a large shader compiles for seconds.
  var sums = array<mat4x4<f32>, 9>(a0, b0, c0, a1, b1, c1, a2, b2, c2);
  let pixels = params.rows * params.out_width;
  let blocks = min(BLOCKS, params.out_blocks - min(block, params.out_blocks));
  for (var b = 0u; b < blocks; b++) {
    for (var four = 0u; four < FOURS; four++) {
      for (var r = 0u; r < 4u; r++) {
        let p = (pixel + 4u * four) ^ r;
        if (p < pixels) { store(sums[3u * b + four][r], p, block + b); }
      }
    }
  }
}
