// Convolution of any kernel, stride, dilation and padding, for adapters whose invocations run in fours: a quad shares
// what it loads.
//
//   y[n, i, j, o] = act(bias[o] + Σ_{u,v,c} x[n, i·stride + u·dilation - padding, …, c] · weight[u, v, c, o])
//
// x         [N, H, W, C/4] vec4      weight [KH, KW, C/4, 4, O/4] vec4: four inputs, each with four outputs
// residual  [N, OH, OW, O/4] vec4    bias   [O/4] vec4
// y         [N, OH, OW, O/4] vec4
//
// The four invocations along x are a quad: they make the same 16 pixels, each for its own block of four outputs. Alone,
// each would load all 16 pixels; here each loads every fourth and gets the others' by swaps, which move registers. In
// step r an invocation holds the pixel of its neighbour `lane ^ r`, and adds to the sum of that pixel: 4 + 4 loads for
// 256 multiply-adds, where conv2d-tiled takes 16 at its largest tile.
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
  let step = params.out_blocks;
  return mat4x4<f32>(
    vec4<f32>(weight[at]), vec4<f32>(weight[at + step]),
    vec4<f32>(weight[at + 2u * step]), vec4<f32>(weight[at + 3u * step]));
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

// Where an output pixel lies in y and in residual; NOWHERE past the last.
struct Target { y: u32, residual: u32 }

const NOWHERE: u32 = 0xffffffffu;

fn at(view: View, image: u32, row: u32, column: u32) -> u32 {
  return view.offset + image * view.image + row * view.row + column * view.pixel;
}

fn target_of(pixel: u32) -> Target {
  let row = pixel / params.out_width;
  let image = row / params.out_height;
  let column = pixel - row * params.out_width;
  let line = row - image * params.out_height;
  let y_at = select(NOWHERE, at(params.y, image, line, column), pixel < params.rows * params.out_width);
  return Target(y_at, at(params.residual, image, line, column));
}

fn store(sum: vec4<f32>, to: Target, block: u32) {
  if (to.y == NOWHERE || block >= params.out_blocks) { return; }
  var v = sum;
  if (RESIDUAL == 1u) { v += vec4<f32>(residual[to.residual + block]); }
  v = activate(v);
  if (RESIDUAL == 2u) { v += vec4<f32>(residual[to.residual + block]); }
  let lanes = block * 4u + vec4<u32>(0u, 1u, 2u, 3u);
  y[to.y + block] = Vec4(select(vec4<f32>(0.0), v, lanes < vec4<u32>(params.out_channels)));
}

// Four pixels in the order that the swaps bring them; `own` is the target of the first.
fn store_four(s0: vec4<f32>, s1: vec4<f32>, s2: vec4<f32>, s3: vec4<f32>, own: Target, block: u32) {
  let t1 = Target(quadSwapX(own.y), quadSwapX(own.residual));
  let t2 = Target(quadSwapY(own.y), quadSwapY(own.residual));
  let t3 = Target(quadSwapDiagonal(own.y), quadSwapDiagonal(own.residual));
  store(s0, own, block);
  store(s1, t1, block);
  store(s2, t2, block);
  store(s3, t3, block);
}

@compute @workgroup_size(4, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let lane = local.x;
  let block = min(gid.x, params.out_blocks - 1u);
  let pixel = gid.y * 16u + lane;

  // a: sums of pixels 0 to 3, then b, c and d; each in the order that the swaps bring them
  var a0 = vec4<f32>(bias[block]); var a1 = a0; var a2 = a0; var a3 = a0;
  var b0 = a0; var b1 = a0; var b2 = a0; var b3 = a0;
  var c0 = a0; var c1 = a0; var c2 = a0; var c3 = a0;
  var d0 = a0; var d1 = a0; var d2 = a0; var d3 = a0;
  let wa = window_of(pixel); let wb = window_of(pixel + 4u);
  let wc = window_of(pixel + 8u); let wd = window_of(pixel + 12u);
  // One loop over taps and channels: where loops nest, a CPU carries the sums through each of them.
  let steps = params.kernel.x * params.kernel.y * params.in_blocks;
  var tap = vec2<i32>(0);
  var c = 0u;
  for (var i = 0u; i < steps; i++) {
    // All loads first: on a CPU they branch, and what is between two branches stays in registers.
    let xa = pixel_at(wa, tap, c); let xb = pixel_at(wb, tap, c);
    let xc = pixel_at(wc, tap, c); let xd = pixel_at(wd, tap, c);
    let w = weights(i * 4u * params.out_blocks + block);
    a0 += w * xa; a1 += w * quadSwapX(xa); a2 += w * quadSwapY(xa); a3 += w * quadSwapDiagonal(xa);
    b0 += w * xb; b1 += w * quadSwapX(xb); b2 += w * quadSwapY(xb); b3 += w * quadSwapDiagonal(xb);
    c0 += w * xc; c1 += w * quadSwapX(xc); c2 += w * quadSwapY(xc); c3 += w * quadSwapDiagonal(xc);
    d0 += w * xd; d1 += w * quadSwapX(xd); d2 += w * quadSwapY(xd); d3 += w * quadSwapDiagonal(xd);
    c++;
    let next_column = c == params.in_blocks;
    c = select(c, 0u, next_column);
    tap.y += i32(next_column);
    let next_row = tap.y == i32(params.kernel.y);
    tap = select(tap, vec2<i32>(tap.x + 1, 0), next_row);
  }

  store_four(a0, a1, a2, a3, target_of(pixel), gid.x);
  store_four(b0, b1, b2, b3, target_of(pixel + 4u), gid.x);
  store_four(c0, c1, c2, c3, target_of(pixel + 8u), gid.x);
  store_four(d0, d1, d2, d3, target_of(pixel + 12u), gid.x);
}
