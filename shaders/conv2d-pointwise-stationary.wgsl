// 1×1 convolution with stride 1 over few channels, for adapters whose subgroups have four invocations: the weights stay
// in registers while pixels stream past them ("weight-stationary").
//
//   y[p, o] = act(bias[o] + Σ_c x[p, c] · weight[c, o])
//
// x         [pixels, C/4] vec4       weight [C/4, O/4] mat4x4: four inputs by four outputs
// residual  [pixels, O/4] vec4       bias   [O/4] vec4
// y         [pixels, O/4] vec4
//
// conv2d-quad keeps the sums of a tile and loads the weights anew for each tile. Here an invocation loads the weights of its
// four output channels once for STRIP pixels, and finishes four pixels before it takes the next: no loop carries sums, which
// costs a CPU that masks its lanes several operations a turn. The four invocations along x are a quad, which makes 16 output
// channels: each loads every fourth pixel and gets the others' by swaps, so that C/4 loads feed 16·C multiply-adds.

enable subgroups;

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
  out_channels: u32,
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

const STRIP = 288u;
const MOST_IN_BLOCKS = 8u;
override IN_BLOCKS: u32 = 1;  // params.in_blocks, or more
override PADDED: bool = false; // it may be more: layers of several sizes share the pipeline
override ACTIVATION: u32 = 0;
override ACTIVATIONS: u32 = 0;  // or several, a bit each, of which params say one
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after

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

fn load(pixel: u32, c: u32) -> vec4f {
  return select(vec4f(x[pixel + c]), vec4f(0.0), PADDED && c >= params.in_blocks);
}

fn store(sum: vec4f, pixel: u32, last: u32, block: u32, lanes: vec4<bool>) {
  if (pixel >= last) { return; }
  var v = sum;
  let at = params.residual.offset + pixel * params.residual.pixel + block;
  if (RESIDUAL == 1u) { v += vec4f(residual[at]); }
  v = activate(v);
  if (RESIDUAL == 2u) { v += vec4f(residual[at]); }
  y[params.y.offset + pixel * params.y.pixel + block] = Vec4(select(vec4f(0.0), v, lanes));
}

@compute @workgroup_size(4)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  // Never true. Indices are clamped to their array's length, for which SwiftShader would divide in each turn of a loop.
  if (min(arrayLength(&x), min(arrayLength(&residual), arrayLength(&y))) == 0u) { return; }
  let block = group.x * 4u + local.x;
  // Swaps need all four invocations: those past the last block take part and store nothing.
  let inside = min(block, params.out_blocks - 1u);
  // Two arrays, the second from block four on: compilers work longer for one of eight, also where four are used.
  var w: array<mat4x4f, MOST_IN_BLOCKS / 2u>;
  var w4: array<mat4x4f, MOST_IN_BLOCKS / 2u>;
  for (var c = 0u; c < IN_BLOCKS; c++) {
    if (PADDED && c >= params.in_blocks) { break; }
    let m = mat4x4f(weight[c * params.out_blocks + inside]);
    if (IN_BLOCKS <= 4u || c < 4u) { w[c] = m; } else { w4[c - 4u] = m; }
  }
  let start = vec4f(bias[inside]);

  let first = group.y * STRIP;
  let last = min(first + STRIP, params.pixels);
  let stored = select(last, 0u, block >= params.out_blocks);
  let lanes = block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.out_channels);
  for (var four = first; four < last; four += 4u) {
    let pixel = four + local.x;
    let at = params.x.offset + min(pixel, params.pixels - 1u) * params.x.pixel;
    var sum = mat4x4f(start, start, start, start) + w[0] * shared_by_quad(load(at, 0u));
    if (IN_BLOCKS > 1u) { sum += w[1] * shared_by_quad(load(at, 1u)); }
    if (IN_BLOCKS > 2u) { sum += w[2] * shared_by_quad(load(at, 2u)); }
    if (IN_BLOCKS > 3u) { sum += w[3] * shared_by_quad(load(at, 3u)); }
    if (IN_BLOCKS > 4u) { sum += w4[0] * shared_by_quad(load(at, 4u)); }
    if (IN_BLOCKS > 5u) { sum += w4[1] * shared_by_quad(load(at, 5u)); }
    if (IN_BLOCKS > 6u) { sum += w4[2] * shared_by_quad(load(at, 6u)); }
    if (IN_BLOCKS > 7u) { sum += w4[3] * shared_by_quad(load(at, 7u)); }
    store(sum[0], pixel, stored, block, lanes);
    store(sum[1], pixel ^ 1u, stored, block, lanes);
    store(sum[2], pixel ^ 2u, stored, block, lanes);
    store(sum[3], pixel ^ 3u, stored, block, lanes);
  }
}
