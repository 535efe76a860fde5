// Two-dimensional convolution, as the definition says it: the baseline that every faster variant is measured against.
//
//   y[n, i, j, o] = act(bias[o] + Σ_{c,u,v} x[n, i·stride + u·dilation - padding, …, c] · weight[o, c, u, v])
//
// x         [N, H, W, C/4] vec4      weight [O, C/groups, KH, KW]
// residual  [N, OH, OW, O/4] vec4    bias   [O]        the residual's pixels may be repeated `repetition` times
// y         [N, OH, OW, O/4] vec4
//
// One invocation makes four channels of one output pixel. Every weight is read once per pixel and every input once
// per tap and output channel, straight from memory: 2 loads for each multiply-add. The tiled variants exist to
// divide that by the size of their tile. It alone takes weights that another node computes, for it packs none.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  residual: View,
  y: View,
  weight_offset: u32,
  bias_offset: u32,
  size: u32,          // vec4s of y
  in_height: u32,
  in_width: u32,
  out_height: u32,
  out_width: u32,
  out_channels: u32,
  group_in: u32,      // input channels of a group
  group_out: u32,     // output channels of a group
  kernel: vec2<u32>,  // height, width
  stride: vec2<i32>,
  dilation: vec2<i32>,
  padding: vec2<i32>, // top, left
  repetition: vec2<u32>,
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read> weight: array<Scalar>;
@group(0) @binding(2) var<storage, read> bias: array<Scalar>;
@group(0) @binding(3) var<storage, read> residual: array<Vec4>;
@group(0) @binding(4) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(5) var<uniform> params: Params;

override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after
override WORKGROUP: u32 = 64;

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

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  let blocks = (params.out_channels + 3u) / 4u;
  let block = i % blocks;
  let column = (i / blocks) % params.out_width;
  let row = (i / blocks / params.out_width) % params.out_height;
  let image = i / blocks / params.out_width / params.out_height;

  var sum = vec4f(0.0);
  for (var lane = 0u; lane < 4u; lane++) {
    let o = block * 4u + lane;
    if (o >= params.out_channels) { break; }
    sum[lane] = f32(bias[params.bias_offset + o]);
    let first = o / params.group_out * params.group_in;
    for (var u = 0u; u < params.kernel.x; u++) {
      let in_row = i32(row) * params.stride.x + i32(u) * params.dilation.x - params.padding.x;
      if (in_row < 0 || in_row >= i32(params.in_height)) { continue; }
      for (var v = 0u; v < params.kernel.y; v++) {
        let in_column = i32(column) * params.stride.y + i32(v) * params.dilation.y - params.padding.y;
        if (in_column < 0 || in_column >= i32(params.in_width)) { continue; }
        let pixel = params.x.offset + image * params.x.image + u32(in_row) * params.x.row + u32(in_column) * params.x.pixel;
        for (var c = 0u; c < params.group_in; c++) {
          let tap = params.weight_offset + ((o * params.group_in + c) * params.kernel.x + u) * params.kernel.y + v;
          sum[lane] += f32(x[pixel + (first + c) / 4u][(first + c) % 4u]) * f32(weight[tap]);
        }
      }
    }
  }

  let r = params.residual;
  let cell = vec2u(row, column) / params.repetition;
  let at = r.offset + image * r.image + cell.x * r.row + cell.y * r.pixel + block;
  if (RESIDUAL == 1u) { sum += vec4f(residual[at]); }
  sum = activate(sum);
  if (RESIDUAL == 2u) { sum += vec4f(residual[at]); }
  let lanes = block * 4u + vec4u(0u, 1u, 2u, 3u);
  sum = select(vec4f(0.0), sum, lanes < vec4u(params.out_channels));
  y[params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block] = Vec4(sum);
}
