// Two-dimensional convolution in vectors of four: what conv2d-naive does number by number, done with vec4s.
//
//   y[n, i, j, o] = act(bias[o] + Σ_{u,v,c} x[n, i·stride + u·dilation - padding, …, c] · weight[u, v, c, o])
//
// x         [N, H, W, C/4] vec4      weight [KH, KW, C/4, 4, O/4] vec4: four inputs, each with four outputs
// residual  [N, OH, OW, O/4] vec4    bias   [O/4] vec4
// y         [N, OH, OW, O/4] vec4
//
// One invocation makes four channels of one output pixel, as in conv2d-naive. For each tap and four input channels it loads
// one vec4 of x and four of the weights, packed so that they lie beside each other, and does 16 multiply-adds: 1.25 numbers
// for each in place of 2, in 5 loads in place of 32. conv2d-tiled goes on from here: it makes several pixels with the same
// weights.

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
  weight_blocks: u32, // the same: nothing is padded further
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
  if (i >= params.rows * params.out_width * params.out_blocks) { return; }
  let block = i % params.out_blocks;
  let column = (i / params.out_blocks) % params.out_width;
  let line = i / params.out_blocks / params.out_width;
  let row = line % params.out_height;
  let image = line / params.out_height;

  var sum = vec4f(0.0);
  for (var u = 0u; u < params.kernel.x; u++) {
    let in_row = i32(row) * params.stride.x + i32(u) * params.dilation.x - params.padding.x;
    if (in_row < 0 || in_row >= params.in_height) { continue; }
    for (var v = 0u; v < params.kernel.y; v++) {
      let in_column = i32(column) * params.stride.y + i32(v) * params.dilation.y - params.padding.y;
      if (in_column < 0 || in_column >= params.in_width) { continue; }
      let pixel = params.x.offset + image * params.x.image + u32(in_row) * params.x.row + u32(in_column) * params.x.pixel;
      var at = (u * params.kernel.y + v) * 4u * params.in_blocks * params.weight_blocks + block;
      for (var c = 0u; c < params.in_blocks; c++) {
        let inputs = vec4f(x[pixel + c]);
        sum += inputs.x * vec4f(weight[at]);
        sum += inputs.y * vec4f(weight[at + params.weight_blocks]);
        sum += inputs.z * vec4f(weight[at + 2u * params.weight_blocks]);
        sum += inputs.w * vec4f(weight[at + 3u * params.weight_blocks]);
        at += 4u * params.weight_blocks;
      }
    }
  }

  sum += vec4f(bias[block]);
  let r = params.residual;
  let place = r.offset + image * r.image + row * r.row + column * r.pixel + block;
  if (RESIDUAL == 1u) { sum += vec4f(residual[place]); }
  sum = activate(sum);
  if (RESIDUAL == 2u) { sum += vec4f(residual[place]); }
  sum = select(vec4f(0.0), sum, block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.out_channels));
  y[params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block] = Vec4(sum);
}
