// Fully connected layer, as the definition says it: the baseline.
//
//   y[r, o] = act(bias[o] + Σ_k x[r, k] · weight[o, k])
//
// x [R, K]    weight [O, K]    bias [O]    residual, y [R, O]
//
// One invocation makes one number of y. Neighbours read weights K apart, so that every load fetches a cache line of its
// own. This kernel alone takes weights that another node computes, for it packs none.

alias Scalar = f32;

struct Params {
  x_offset: u32,
  weight_offset: u32,
  bias_offset: u32,
  residual_offset: u32,
  y_offset: u32,
  size: u32,       // elements of y
  features: u32,   // K
  outputs: u32,    // O
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Scalar>;
@group(0) @binding(1) var<storage, read> weight: array<Scalar>;
@group(0) @binding(2) var<storage, read> bias: array<Scalar>;
@group(0) @binding(3) var<storage, read> residual: array<Scalar>;
@group(0) @binding(4) var<storage, read_write> y: array<Scalar>;
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
  let o = i % params.outputs;
  let row = params.x_offset + i / params.outputs * params.features;
  let column = params.weight_offset + o * params.features;
  var sum = f32(bias[params.bias_offset + o]);
  for (var k = 0u; k < params.features; k++) { sum += f32(x[row + k]) * f32(weight[column + k]); }
  if (RESIDUAL == 1u) { sum += f32(residual[params.residual_offset + i]); }
  sum = activate(vec4f(sum)).x;
  if (RESIDUAL == 2u) { sum += f32(residual[params.residual_offset + i]); }
  y[params.y_offset + i] = Scalar(sum);
}
