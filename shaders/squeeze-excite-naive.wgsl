// The gate of a squeeze-and-excitation block as the definition says it: the baseline of squeeze-excite.
//
//   s[n, c] = Σ_p (x[n, p, c] + addend[n, p, c]) / (H·W)
//   h[n, k] = act₁(bias[k] + Σ_c s[n, c] · weight[k, c])
//   y[n, o] = act₂(gate_bias[o] + Σ_k h[n, k] · gate_weight[o, k])   or y = h
//
// x       [N, H, W, C/4] vec4       weight      [K, C]    bias      [K]
// addend  [N, H, W, C/4] vec4       gate_weight [O, K]    gate_bias [O]
// y       [N, 1, 1, O/4] vec4
//
// One invocation makes one vec4 of y, and all of s and h that it needs anew.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  addend: View,
  y: View,
  weight_offset: u32,
  bias_offset: u32,
  gate_weight_offset: u32,
  gate_bias_offset: u32,
  size: u32,  // vec4s of y
  height: u32,
  width: u32,
  channels: u32,
  hidden_channels: u32,
  out_channels: u32,
  hidden_alpha: f32,
  hidden_beta: f32,
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read> addend: array<Vec4>;
@group(0) @binding(2) var<storage, read> weight: array<Scalar>;
@group(0) @binding(3) var<storage, read> bias: array<Scalar>;
@group(0) @binding(4) var<storage, read> gate_weight: array<Scalar>;
@group(0) @binding(5) var<storage, read> gate_bias: array<Scalar>;
@group(0) @binding(6) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(7) var<uniform> params: Params;

override ADDEND: bool = false;
override TWO: bool = true;  // convolutions
override HIDDEN_ACTIVATION: u32 = 0;
override ACTIVATION: u32 = 0;
override WORKGROUP: u32 = 64;

// Not every platform's exp and clamp keep NaN. A test of the bits: compilers may assume that there is none.
fn keep_nan(v: f32, y: f32) -> f32 { return select(y, v, (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u); }

fn activate(kind: u32, v: f32, a: f32, b: f32) -> f32 {
  switch (kind) {
    case 1u: { return select(select(v, a, v < a), b, v > b); }          // relu, relu6, clip
    case 2u: { return select(v, a * v, v < 0.0); }                      // leaky-relu
    case 3u: { return keep_nan(v, 1.0 / (1.0 + exp(-v))); }             // sigmoid
    case 4u: { return keep_nan(v, v / (1.0 + exp(-a * v))); }           // silu
    case 5u: { return keep_nan(v, clamp(a * v + b, 0.0, 1.0)); }        // hard-sigmoid
    case 6u: { return keep_nan(v, v * clamp(v / 6.0 + 0.5, 0.0, 1.0)); }  // hard-swish
    case 7u: { return keep_nan(v, tanh(clamp(v, -15.0, 15.0))); }       // tanh
    default: { return v; }
  }
}

// Four channels of s.
fn mean_of(image: u32, block: u32) -> vec4f {
  var sum = vec4f(0.0);
  for (var row = 0u; row < params.height; row++) {
    for (var column = 0u; column < params.width; column++) {
      sum += vec4f(x[params.x.offset + image * params.x.image + row * params.x.row + column * params.x.pixel + block]);
      let a = params.addend;
      if (ADDEND) { sum += vec4f(addend[a.offset + image * a.image + row * a.row + column * a.pixel + block]); }
    }
  }
  return sum / f32(params.height * params.width);
}

fn hidden_of(image: u32, k: u32) -> f32 {
  var sum = f32(bias[params.bias_offset + k]);
  for (var c = 0u; c < params.channels; c += 4u) {
    let s = mean_of(image, c / 4u);
    for (var lane = 0u; lane < 4u && c + lane < params.channels; lane++) {
      sum += s[lane] * f32(weight[params.weight_offset + k * params.channels + c + lane]);
    }
  }
  return activate(HIDDEN_ACTIVATION, sum, params.hidden_alpha, params.hidden_beta);
}

fn gate_of(image: u32, o: u32) -> f32 {
  if (!TWO) { return hidden_of(image, o); }
  var sum = f32(gate_bias[params.gate_bias_offset + o]);
  for (var k = 0u; k < params.hidden_channels; k++) {
    sum += hidden_of(image, k) * f32(gate_weight[params.gate_weight_offset + o * params.hidden_channels + k]);
  }
  return activate(ACTIVATION, sum, params.alpha, params.beta);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  let blocks = (params.out_channels + 3u) / 4u;
  let image = i / blocks;
  let block = i % blocks;
  var v = vec4f(0.0);
  for (var lane = 0u; lane < 4u && block * 4u + lane < params.out_channels; lane++) {
    v[lane] = gate_of(image, block * 4u + lane);
  }
  y[params.y.offset + image * params.y.image + block] = Vec4(v);
}
