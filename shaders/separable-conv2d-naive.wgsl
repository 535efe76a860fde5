// Depthwise separable convolution as the definition says it: the baseline of separable-conv2d.
//
//   h[n, i, j, c] = act₁(depthwise_bias[c] + Σ_{u,v} x[n, c, i·stride + u·dilation - padding, …] · depthwise[c, 0, u, v]
//                        + addend[n, i, j, c])
//   y[n, i, j, o] = act₂(bias[o] + Σ_c h[n, i, j, c] · weight[o, c])   residual before or after act₂
//
// x         [N, H, W, C/4] vec4      depthwise [C, 1, KH, KW]   depthwise_bias [C]
// residual  [N, OH, OW, O/4] vec4    weight    [O, C]           bias           [O]
// y         [N, OH, OW, O/4] vec4    extra     slopes [C], or addend [N, OH, OW, C/4] vec4, number by number
//
// With slopes h passes through a PReLU as well. Without an addend that is zero. The residual may have fewer channels than y: those behind it count as zero.
//
// One invocation makes four channels of one pixel. Each of the O/4 that share a pixel filters all its channels anew.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  residual: View,
  addend: View,
  y: View,
  depthwise_offset: u32,
  depthwise_bias_offset: u32,
  weight_offset: u32,
  bias_offset: u32,
  extra_offset: u32,
  size: u32,          // vec4s of y
  in_height: i32,
  in_width: i32,
  out_height: u32,
  out_width: u32,
  in_channels: u32,
  out_channels: u32,
  residual_blocks: u32,
  kernel: vec2<u32>,  // height, width
  stride: vec2<i32>,
  dilation: vec2<i32>,
  padding: vec2<i32>, // top, left
  depthwise_alpha: f32,
  depthwise_beta: f32,
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read> depthwise: array<Scalar>;
@group(0) @binding(2) var<storage, read> depthwise_bias: array<Scalar>;
@group(0) @binding(3) var<storage, read> weight: array<Scalar>;
@group(0) @binding(4) var<storage, read> bias: array<Scalar>;
@group(0) @binding(5) var<storage, read> extra: array<Scalar>;
@group(0) @binding(6) var<storage, read> residual: array<Vec4>;
@group(0) @binding(7) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(8) var<uniform> params: Params;

override DEPTHWISE_ACTIVATION: u32 = 0;
override SLOPES: bool = false; // h passes through a PReLU as well
override ADDEND: bool = false; // added to h before its activation
override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after
override WORKGROUP: u32 = 64;

// Not every platform's exp and clamp keep NaN. A test of the bits: compilers may assume that there is none.
fn keep_nan(v: vec4f, y: vec4f) -> vec4f {
  return select(y, v, (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u));
}

fn activate(kind: u32, v: vec4f, alpha: f32, beta: f32) -> vec4f {
  let a = vec4f(alpha); let b = vec4f(beta);
  switch (kind) {
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

// Four channels of h for the window that begins at `first`. Lanes past the last channel may hold anything.
//
// @param addend_pixel where the addend's pixel begins, in vec4s
fn filtered(block: u32, image: u32, first: vec2i, addend_pixel: u32) -> vec4f {
  let taps = params.kernel.x * params.kernel.y;
  let channels = min(block * 4u + vec4u(0u, 1u, 2u, 3u), vec4u(params.in_channels - 1u));
  var sum = vec4f(0.0);
  for (var lane = 0u; lane < 4u; lane++) { sum[lane] = f32(depthwise_bias[params.depthwise_bias_offset + channels[lane]]); }
  for (var tap = 0u; tap < taps; tap++) {
    let place = first + vec2i(vec2u(tap / params.kernel.y, tap % params.kernel.y)) * params.dilation;
    if (any(place < vec2i(0)) || any(place >= vec2i(params.in_height, params.in_width))) { continue; }
    let v = vec4f(x[params.x.offset + image * params.x.image + u32(place.x) * params.x.row + u32(place.y) * params.x.pixel + block]);
    for (var lane = 0u; lane < 4u; lane++) {
      sum[lane] += v[lane] * f32(depthwise[params.depthwise_offset + channels[lane] * taps + tap]);
    }
  }
  if (ADDEND) {
    for (var lane = 0u; lane < 4u; lane++) { sum[lane] += f32(extra[(addend_pixel + block) * 4u + lane]); }
  }
  sum = activate(DEPTHWISE_ACTIVATION, sum, params.depthwise_alpha, params.depthwise_beta);
  if (!SLOPES) { return sum; }
  var negative = sum;
  for (var lane = 0u; lane < 4u; lane++) { negative[lane] *= f32(extra[params.extra_offset + channels[lane]]); }
  return select(sum, negative, sum < vec4f(0.0));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  let blocks = (params.out_channels + 3u) / 4u;
  let block = i % blocks;
  let column = i / blocks % params.out_width;
  let row = i / blocks / params.out_width % params.out_height;
  let image = i / blocks / params.out_width / params.out_height;
  let first = vec2i(vec2u(row, column)) * params.stride - params.padding;
  let a = params.addend;
  let addend_pixel = a.offset + image * a.image + row * a.row + column * a.pixel;

  let outputs = min(block * 4u + vec4u(0u, 1u, 2u, 3u), vec4u(params.out_channels - 1u));
  var sum = vec4f(0.0);
  for (var lane = 0u; lane < 4u; lane++) { sum[lane] = f32(bias[params.bias_offset + outputs[lane]]); }
  for (var c = 0u; c < params.in_channels; c += 4u) {
    let h = filtered(c / 4u, image, first, addend_pixel);
    for (var lane = 0u; lane < 4u && c + lane < params.in_channels; lane++) {
      for (var k = 0u; k < 4u; k++) {
        sum[k] += h[lane] * f32(weight[params.weight_offset + outputs[k] * params.in_channels + c + lane]);
      }
    }
  }
  let r = params.residual;
  let at = r.offset + image * r.image + row * r.row + column * r.pixel + block;
  let has_residual = block < params.residual_blocks;
  if (RESIDUAL == 1u && has_residual) { sum += vec4f(residual[at]); }
  sum = activate(ACTIVATION, sum, params.alpha, params.beta);
  if (RESIDUAL == 2u && has_residual) { sum += vec4f(residual[at]); }
  sum = select(vec4f(0.0), sum, block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.out_channels));
  y[params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block] = Vec4(sum);
}
