// Convolution, to which a 1×1 convolution of a shortcut is added, as the definition says it: the baseline of
// shortcut-conv2d.
//
//   y[n, i, j, o] = act(bias[o] + Σ_{u,v,c} x[n, i + u - KH/2, j + v - KW/2, c] · weight[o, c, u, v] + Σ_c pooled[n, i, j, c] · projection[o, c])
//   pooled[n, i, j, c] = max_{u,v} shortcut[n, i·stride + u, j·stride + v, c]
//
// x         [N, H, W, C/4] vec4       weight     [O, C, KH, KW], KH and KW odd
// shortcut  [N, SH, SW, A/4] vec4     projection [O, A]
// y         [N, H, W, O/4] vec4       bias       [O]
//
// One invocation makes four channels of one output pixel, and finds the shortcut's maxima anew for each of them.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  shortcut: View,
  y: View,
  weight_offset: u32,
  projection_offset: u32,
  bias_offset: u32,
  size: u32,               // vec4s of y
  in_height: i32,
  in_width: i32,
  in_channels: u32,        // C
  shortcut_channels: u32,  // A
  out_channels: u32,       // O
  kernel: vec2<u32>,       // height, width
  pool: vec2<u32>,
  stride: vec2<u32>,
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read> weight: array<Scalar>;
@group(0) @binding(2) var<storage, read> bias: array<Scalar>;
@group(0) @binding(3) var<storage, read> shortcut: array<Vec4>;
@group(0) @binding(4) var<storage, read> projection: array<Scalar>;
@group(0) @binding(5) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(6) var<uniform> params: Params;

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

fn is_nan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }

fn x_at(image: u32, row: u32, column: u32, c: u32) -> f32 {
  let at = params.x.offset + image * params.x.image + row * params.x.row + column * params.x.pixel;
  return f32(x[at + c / 4u][c % 4u]);
}

fn pooled_at(image: u32, row: u32, column: u32, c: u32) -> f32 {
  let z = params.shortcut;
  let first = z.offset + image * z.image + row * params.stride.x * z.row + column * params.stride.y * z.pixel + c / 4u;
  var greatest = f32(shortcut[first][c % 4u]);
  for (var u = 0u; u < params.pool.x; u++) {
    for (var v = 0u; v < params.pool.y; v++) {
      let other = f32(shortcut[first + u * z.row + v * z.pixel][c % 4u]);
      greatest = select(greatest, other, is_nan(other) || other > greatest);
    }
  }
  return greatest;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  let height = u32(params.in_height);
  let width = u32(params.in_width);
  let blocks = (params.out_channels + 3u) / 4u;
  let block = i % blocks;
  let column = (i / blocks) % width;
  let row = (i / blocks / width) % height;
  let image = i / blocks / width / height;

  var sum = vec4f(0.0);
  for (var lane = 0u; lane < 4u; lane++) {
    let o = block * 4u + lane;
    if (o >= params.out_channels) { break; }
    sum[lane] = f32(bias[params.bias_offset + o]);
    for (var c = 0u; c < params.shortcut_channels; c++) {
      let w = f32(projection[params.projection_offset + o * params.shortcut_channels + c]);
      sum[lane] += pooled_at(image, row, column, c) * w;
    }
    for (var u = 0u; u < params.kernel.x; u++) {
      let in_row = i32(row + u) - i32(params.kernel.x / 2u);
      if (in_row < 0 || in_row >= params.in_height) { continue; }
      for (var v = 0u; v < params.kernel.y; v++) {
        let in_column = i32(column + v) - i32(params.kernel.y / 2u);
        if (in_column < 0 || in_column >= params.in_width) { continue; }
        for (var c = 0u; c < params.in_channels; c++) {
          let tap = params.weight_offset + ((o * params.in_channels + c) * params.kernel.x + u) * params.kernel.y + v;
          sum[lane] += x_at(image, u32(in_row), u32(in_column), c) * f32(weight[tap]);
        }
      }
    }
  }
  sum = activate(sum);
  let lanes = block * 4u + vec4u(0u, 1u, 2u, 3u);
  sum = select(vec4f(0.0), sum, lanes < vec4u(params.out_channels));
  y[params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block] = Vec4(sum);
}
