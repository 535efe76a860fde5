// Convolution of any kernel, stride, dilation and padding, for adapters whose subgroups have four invocations: the
// invocations of a quad share their loads.
//
//   y[n, i, j, o] = act(bias[o] + Σ_{u,v,c} x[n, i·stride + u·dilation - padding, …, c] · weight[u, v, c, o])
//
// x         [N, H, W, C/4] vec4      weight [KH, KW, C/4, O/4] mat4x4: four inputs by four outputs
// residual  [N, OH, OW, O/4] vec4    bias   [O/4] vec4
// y         [N, OH, OW, O/4] vec4    O/4 of weight and bias is padded with zeros to a multiple of BLOCKS
//
// The four invocations along x are a quad: they make the same 4·PIXEL_GROUPS pixels, each for BLOCKS blocks of four outputs of
// its own. Alone, each would load all pixels; here each loads every fourth and gets the others' by swaps, which move
// registers. PIXEL_GROUPS + 4·BLOCKS loads feed 64·PIXEL_GROUPS·BLOCKS multiply-adds; without the quad it would be 4·PIXEL_GROUPS + 4·BLOCKS.
//
// One index counts the pixels of all rows and images, so that small pictures fill their tiles. Swaps need all four
// invocations: none returns early; those outside load pixels inside, and store nothing.

enable subgroups;

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
  kernel: vec2<u32>,  // height, width
  stride: vec2<i32>,
  dilation: vec2<i32>,
  padding: vec2<i32>, // top, left
  activation: u32,
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read> weight: array<mat4x4<Scalar>>;
@group(0) @binding(2) var<storage, read> bias: array<Vec4>;
@group(0) @binding(3) var<storage, read> residual: array<Vec4>;
@group(0) @binding(4) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(5) var<uniform> params: Params;

// The tiles that a quad can make: groups of four pixels, and blocks of four output channels for each invocation.
const TILES = array(vec2u(8, 1), vec2u(4, 3), vec2u(8, 2), vec2u(3, 3), vec2u(1, 3));
override PIXEL_GROUPS: u32 = 4;
override BLOCKS: u32 = 1;
override ACTIVATION: u32 = 0;
override ACTIVATIONS: u32 = 0;  // or several, a bit each, of which params say one
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after
override WORKGROUP_Y: u32 = 1;

// Not every platform's exp and clamp keep NaN. A test of the bits: compilers may assume that there is none.
fn keep_nan(v: vec4f, y: vec4f) -> vec4f {
  return select(y, v, (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u));
}

// Layers with other activations may share the pipeline.
fn is(activation: u32) -> bool {
  if (ACTIVATIONS == 0u) { return ACTIVATION == activation; }
  return ((ACTIVATIONS >> activation) & 1u) == 1u && params.activation == activation;
}

fn activate(v: vec4f) -> vec4f {
  let a = vec4f(params.alpha); let b = vec4f(params.beta);
  if (is(1u)) { return select(select(v, a, v < a), b, v > b); }             // relu, relu6, clip
  if (is(2u)) { return select(v, a * v, v < vec4f(0.0)); }                  // leaky-relu
  if (is(3u) || is(4u)) {                                                   // sigmoid, silu
    let one = vec4f(1.0);
    return keep_nan(v, select(v, one, is(3u)) / (1.0 + exp(-select(a, one, is(3u)) * v)));
  }
  if (is(5u)) { return keep_nan(v, clamp(a * v + b, vec4f(0.0), vec4f(1.0))); }  // hard-sigmoid
  if (is(6u)) { return keep_nan(v, v * clamp(v / 6.0 + 0.5, vec4f(0.0), vec4f(1.0))); }  // hard-swish
  if (is(7u)) { return keep_nan(v, tanh(clamp(v, vec4f(-15.0), vec4f(15.0)))); }  // tanh
  return v;
}

// The vec4s of a quad's invocations as columns: the invocation's own, then those of lanes `^ 1`, `^ 2` and `^ 3`.
fn shared_by_quad(own: vec4f) -> mat4x4f {
  return mat4x4f(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own));
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
fn pixel_at(w: Window, tap: vec2i, c: u32) -> vec4f {
  let row = w.row + tap.x * params.dilation.x;
  let column = w.column + tap.y * params.dilation.y;
  let r = clamp(row, 0, params.in_height - 1);
  let s = clamp(column, 0, params.in_width - 1);
  let value = vec4f(x[w.image + u32(r) * params.x.row + u32(s) * params.x.pixel + c]);
  // A CPU without registers of masks needs one operation for this, and three for a select.
  return bitcast<vec4f>(bitcast<vec4u>(value) & vec4u(select(0u, 0xffffffffu, r == row && s == column)));
}

// Where an output pixel lies in the residual and in y.
fn places(pixel: u32) -> vec2u {
  let row = pixel / params.out_width;
  let image = row / params.out_height;
  let at = vec3u(image, row - image * params.out_height, pixel - row * params.out_width);
  return vec2u(
    params.residual.offset + dot(at, vec3u(params.residual.image, params.residual.row, params.residual.pixel)),
    params.y.offset + dot(at, vec3u(params.y.image, params.y.row, params.y.pixel)));
}

fn store(sum: vec4f, at: vec2u, block: u32) {
  var v = sum;
  if (RESIDUAL == 1u) { v += vec4f(residual[at.x + block]); }
  v = activate(v);
  if (RESIDUAL == 2u) { v += vec4f(residual[at.x + block]); }
  let lanes = block * 4u + vec4u(0u, 1u, 2u, 3u);
  y[at.y + block] = Vec4(select(vec4f(0.0), v, lanes < vec4u(params.out_channels)));
}

fn four_times(v: vec4f) -> mat4x4f { return mat4x4f(v, v, v, v); }

@compute @workgroup_size(4, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(local_invocation_id) local: vec3u) {
  // Never true. Indices are clamped to their array's length, for which SwiftShader would divide in each turn of a loop.
  if (min(arrayLength(&weight), min(arrayLength(&residual), arrayLength(&y))) == 0u) { return; }
  let block = gid.x * BLOCKS;
  let inside = min(block, params.weight_blocks - BLOCKS);
  let pixel = gid.y * 4u * PIXEL_GROUPS + local.x;

  // a to h: sums of four pixels each, for the first, second and third block of outputs
  let bias0 = four_times(vec4f(bias[inside]));
  var bias1 = bias0;
  var bias2 = bias0;
  if (BLOCKS > 1u) { bias1 = four_times(vec4f(bias[inside + 1u])); }
  if (BLOCKS > 2u) { bias2 = four_times(vec4f(bias[inside + 2u])); }
  var a0 = bias0; var b0 = bias0; var c0 = bias0; var d0 = bias0;
  var e0 = bias0; var f0 = bias0; var g0 = bias0; var h0 = bias0;
  var a1 = bias1; var b1 = bias1; var c1 = bias1; var d1 = bias1;
  var e1 = bias1; var f1 = bias1; var g1 = bias1; var h1 = bias1;
  var a2 = bias2; var b2 = bias2; var c2 = bias2; var d2 = bias2;
  let wa = window_of(pixel); let wb = window_of(pixel + 4u); let wc = window_of(pixel + 8u); let wd = window_of(pixel + 12u);
  let we = window_of(pixel + 16u); let wf = window_of(pixel + 20u); let wg = window_of(pixel + 24u); let wh = window_of(pixel + 28u);
  // One loop over taps and channels: where loops nest, a CPU carries the sums through each of them.
  let steps = params.kernel.x * params.kernel.y * params.in_blocks;
  var tap = vec2i(0);
  var channels = 0u;
  for (var i = 0u; i < steps; i++) {
    let at = i * params.weight_blocks + inside;
    // All loads first: on a CPU they branch, and what is between two branches stays in registers.
    let pa = pixel_at(wa, tap, channels);
    var pb = pa; var pc = pa; var pd = pa; var pe = pa; var pf = pa; var pg = pa; var ph = pa;
    if (PIXEL_GROUPS > 1u) { pb = pixel_at(wb, tap, channels); }
    if (PIXEL_GROUPS > 2u) { pc = pixel_at(wc, tap, channels); }
    if (PIXEL_GROUPS > 3u) { pd = pixel_at(wd, tap, channels); }
    if (PIXEL_GROUPS > 4u) {
      pe = pixel_at(we, tap, channels); pf = pixel_at(wf, tap, channels);
      pg = pixel_at(wg, tap, channels); ph = pixel_at(wh, tap, channels);
    }
    let w0 = mat4x4f(weight[at]);
    var w1 = w0;
    var w2 = w0;
    if (BLOCKS > 1u) { w1 = mat4x4f(weight[at + 1u]); }
    if (BLOCKS > 2u) { w2 = mat4x4f(weight[at + 2u]); }

    {
      let x = shared_by_quad(pa); a0 += w0 * x; if (BLOCKS > 1u) { a1 += w1 * x; } if (BLOCKS > 2u) { a2 += w2 * x; }
    }
    if (PIXEL_GROUPS > 1u) {
      let x = shared_by_quad(pb); b0 += w0 * x; if (BLOCKS > 1u) { b1 += w1 * x; } if (BLOCKS > 2u) { b2 += w2 * x; }
    }
    if (PIXEL_GROUPS > 2u) {
      let x = shared_by_quad(pc); c0 += w0 * x; if (BLOCKS > 1u) { c1 += w1 * x; } if (BLOCKS > 2u) { c2 += w2 * x; }
    }
    if (PIXEL_GROUPS > 3u) {
      let x = shared_by_quad(pd); d0 += w0 * x; if (BLOCKS > 1u) { d1 += w1 * x; } if (BLOCKS > 2u) { d2 += w2 * x; }
    }
    if (PIXEL_GROUPS > 4u) {
      let xe = shared_by_quad(pe); e0 += w0 * xe; if (BLOCKS > 1u) { e1 += w1 * xe; }
      let xf = shared_by_quad(pf); f0 += w0 * xf; if (BLOCKS > 1u) { f1 += w1 * xf; }
      let xg = shared_by_quad(pg); g0 += w0 * xg; if (BLOCKS > 1u) { g1 += w1 * xg; }
      let xh = shared_by_quad(ph); h0 += w0 * xh; if (BLOCKS > 1u) { h1 += w1 * xh; }
    }

    channels++;
    let next_column = channels == params.in_blocks;
    channels = select(channels, 0u, next_column);
    tap.y += i32(next_column);
    let next_row = tap.y == i32(params.kernel.y);
    tap = select(tap, vec2i(tap.x + 1, 0), next_row);
  }

  // One loop keeps the code for residual and activation small: a large shader compiles for seconds. So does a large array.
  var sums0 = array<mat4x4f, 8>(a0, b0, c0, d0, e0, f0, g0, h0);
  var sums1 = array<mat4x4f, 8>(a1, b1, c1, d1, e1, f1, g1, h1);
  var sums2 = array<mat4x4f, 4>(a2, b2, c2, d2);
  let pixels = params.rows * params.out_width;
  let blocks = params.out_blocks - min(block, params.out_blocks);
  for (var i = 0u; i < 4u * PIXEL_GROUPS * BLOCKS; i++) {
    let b = i % BLOCKS;
    let r = i / BLOCKS % 4u;
    let four = i / BLOCKS / 4u;
    let p = (pixel + 4u * four) ^ r;
    var sum = sums0[four][r];
    if (BLOCKS > 1u && b == 1u) { sum = sums1[four][r]; }
    if (BLOCKS > 2u && b == 2u) { sum = sums2[four][r]; }
    if (p < pixels && b < blocks) { store(sum, places(p), block + b); }
  }
}
