// Fully connected layer with few outputs and a long sum: the sum is shared out within a workgroup.
//
//   y[r, o] = act(bias[o] + Σ_k x[r, k] · weight[k, o])
//
// x [R, K]    weight [K, O/4] vec4, the outputs padded with zeros    bias [O/4] vec4    residual, y [R, O]
//
// A workgroup makes BLOCKS · 4 outputs of one row with BLOCKS × SLICES invocations. Invocation (b, s) adds up every
// SLICES-th product of block b; workgroup memory holds these partial sums, SLICES × BLOCKS vec4s, which are then added
// pairwise. The plain kernel makes one invocation per four outputs, 250 for a classifier of 1000 classes: too few to
// keep a GPU busy or to have enough loads in flight. On software adapters barriers are slow, and that one is better.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct Params {
  x_offset: u32,
  residual_offset: u32,
  y_offset: u32,
  features: u32,   // K
  outputs: u32,    // O
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Scalar>;
@group(0) @binding(1) var<storage, read> weight: array<Vec4>;
@group(0) @binding(2) var<storage, read> bias: array<Vec4>;
@group(0) @binding(3) var<storage, read> residual: array<Scalar>;
@group(0) @binding(4) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(5) var<uniform> params: Params;

override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after
const BLOCKS = 8u;
const SLICES = 16u;  // a power of two

var<workgroup> partial: array<vec4f, BLOCKS * SLICES>;

fn activate(v: vec4f) -> vec4f {
  let a = vec4f(params.alpha); let b = vec4f(params.beta);
  switch (ACTIVATION) {
    case 1u: { return select(select(v, a, v < a), b, v > b); }             // relu, relu6, clip
    case 2u: { return select(v, a * v, v < vec4f(0.0)); }                  // leaky-relu
    case 3u: { return 1.0 / (1.0 + exp(-v)); }                             // sigmoid
    case 4u: { return v / (1.0 + exp(-a * v)); }                           // silu
    case 5u: { return clamp(a * v + b, vec4f(0.0), vec4f(1.0)); }          // hard-sigmoid
    case 6u: { return v * clamp(v / 6.0 + 0.5, vec4f(0.0), vec4f(1.0)); }  // hard-swish
    case 7u: { return tanh(clamp(v, vec4f(-15.0), vec4f(15.0))); }         // tanh
    default: { return v; }
  }
}

@compute @workgroup_size(BLOCKS, SLICES)
fn main(@builtin(local_invocation_id) local: vec3u, @builtin(workgroup_id) group: vec3u) {
  let blocks = (params.outputs + 3u) / 4u;
  let block = group.x * BLOCKS + local.x;
  let row = group.y;
  let slot = local.y * BLOCKS + local.x;

  // Invocations past the last output add up a copy of it: all must reach the barriers.
  let column = min(block, blocks - 1u);
  let start = params.x_offset + row * params.features;
  var sum = vec4f(0.0);
  for (var k = local.y; k < params.features; k += SLICES) {
    sum += f32(x[start + k]) * vec4f(weight[k * blocks + column]);
  }
  partial[slot] = sum;
  workgroupBarrier();
  for (var half = SLICES / 2u; half > 0u; half /= 2u) {
    if (local.y < half) { partial[slot] += partial[slot + half * BLOCKS]; }
    workgroupBarrier();
  }
  if (local.y > 0u || block >= blocks) { return; }

  sum = partial[slot] + vec4f(bias[block]);
  let first = row * params.outputs + block * 4u;
  let count = min(4u, params.outputs - block * 4u);
  var r = vec4f(0.0);
  if (RESIDUAL != 0u) {
    for (var lane = 0u; lane < count; lane++) { r[lane] = f32(residual[params.residual_offset + first + lane]); }
  }
  if (RESIDUAL == 1u) { sum += r; }
  sum = activate(sum);
  if (RESIDUAL == 2u) { sum += r; }
  for (var lane = 0u; lane < count; lane++) { y[params.y_offset + first + lane] = Scalar(sum[lane]); }
}
