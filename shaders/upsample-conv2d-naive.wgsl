// Convolution over a picture of twice the size, which is never made, beside another of that size, as the definition says
// it: the baseline of upsample-conv2d.
//
//   y[n, i, j, o] = act(bias[o] + Σ_{u,v,c} joined[n, i + u - KH/2, j + v - KW/2, c] · weight[o, c, u, v])
//   joined = low doubled, then skip, along the channels; zero outside
//
// low     [N, H, W, A/4] vec4                                  weight [O, A + B, KH, KW], KH and KW odd
// skip    [N, 2H, 2W, B/4] vec4, or any operand if B is 0      bias   [O]
// y       [N, 2H, 2W, O/4] vec4
//
// One invocation makes four channels of one output pixel. For every tap and output channel it mixes the doubled pixel
// anew: with LINEAR 4 loads and as many multiplications for a number that 9·O others use too.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  low: View,
  skip: View,
  y: View,
  weight_offset: u32,
  bias_offset: u32,
  size: u32,           // vec4s of y
  low_height: i32,
  low_width: i32,
  low_channels: u32,   // A
  skip_channels: u32,  // B
  out_channels: u32,   // O
  kernel: vec2<u32>,   // height, width
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> low: array<Vec4>;
@group(0) @binding(1) var<storage, read> skip: array<Vec4>;
@group(0) @binding(2) var<storage, read> weight: array<Scalar>;
@group(0) @binding(3) var<storage, read> bias: array<Scalar>;
@group(0) @binding(4) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(5) var<uniform> params: Params;

override LINEAR: bool = false;
override ACTIVATION: u32 = 0;
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

fn low_at(image: u32, row: i32, column: i32, c: u32) -> f32 {
  let r = u32(clamp(row, 0, params.low_height - 1));
  let s = u32(clamp(column, 0, params.low_width - 1));
  return f32(low[params.low.offset + image * params.low.image + r * params.low.row + s * params.low.pixel + c / 4u][c % 4u]);
}

// Channel c of the doubled picture: of the nearest pixel, and when linear a quarter of its neighbour's along each axis.
fn doubled_at(image: u32, row: i32, column: i32, c: u32) -> f32 {
  let near = low_at(image, row / 2, column / 2, c);
  if (!LINEAR) { return near; }
  let far_row = row / 2 + row % 2 * 2 - 1;
  let far_column = column / 2 + column % 2 * 2 - 1;
  let far = low_at(image, far_row, far_column, c);
  return 0.5625 * near + 0.0625 * far +
    0.1875 * (low_at(image, far_row, column / 2, c) + low_at(image, row / 2, far_column, c));
}

fn joined_at(image: u32, row: i32, column: i32, c: u32) -> f32 {
  if (c < params.low_channels) { return doubled_at(image, row, column, c); }
  let s = c - params.low_channels;
  let at = params.skip.offset + image * params.skip.image + u32(row) * params.skip.row + u32(column) * params.skip.pixel;
  return f32(skip[at + s / 4u][s % 4u]);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  let height = 2 * params.low_height;
  let width = 2 * params.low_width;
  let blocks = (params.out_channels + 3u) / 4u;
  let block = i % blocks;
  let column = (i / blocks) % u32(width);
  let row = (i / blocks / u32(width)) % u32(height);
  let image = i / blocks / u32(width) / u32(height);
  let channels = params.low_channels + params.skip_channels;

  var sum = vec4f(0.0);
  for (var lane = 0u; lane < 4u; lane++) {
    let o = block * 4u + lane;
    if (o >= params.out_channels) { break; }
    sum[lane] = f32(bias[params.bias_offset + o]);
    for (var u = 0u; u < params.kernel.x; u++) {
      let in_row = i32(row + u) - i32(params.kernel.x / 2u);
      if (in_row < 0 || in_row >= height) { continue; }
      for (var v = 0u; v < params.kernel.y; v++) {
        let in_column = i32(column + v) - i32(params.kernel.y / 2u);
        if (in_column < 0 || in_column >= width) { continue; }
        for (var c = 0u; c < channels; c++) {
          let tap = params.weight_offset + ((o * channels + c) * params.kernel.x + u) * params.kernel.y + v;
          sum[lane] += joined_at(image, in_row, in_column, c) * f32(weight[tap]);
        }
      }
    }
  }
  sum = activate(sum);
  let lanes = block * 4u + vec4u(0u, 1u, 2u, 3u);
  sum = select(vec4f(0.0), sum, lanes < vec4u(params.out_channels));
  y[params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block] = Vec4(sum);
}
