// Fully connected layer, one invocation per four outputs of one row.
//
//   y[r, o] = act(bias[o] + Σ_k x[r, k] · weight[k, o])
//
// x [R, K]    weight [K, O/4] vec4, the outputs padded with zeros    bias [O/4] vec4    residual, y [R, O]
//
// Each weight is used once per row, so that reading the weights is all the time it takes: neighbouring invocations read
// neighbouring vec4s, where the naive kernel's are K apart.
// x is the same for all outputs of a row and comes from the cache. Rows of x need not start at a multiple of four,
// which is why it is read by single numbers; the loop takes four of them at a time, as each turn has a fixed cost.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct Params {
  x_offset: u32,
  residual_offset: u32,
  y_offset: u32,
  rows: u32,
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
override WORKGROUP: u32 = 64;

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

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  let blocks = (params.outputs + 3u) / 4u;
  let block = i % blocks;
  let row = i / blocks;
  if (row >= params.rows) { return; }

  let start = params.x_offset + row * params.features;
  var sum = vec4f(bias[block]);
  var k = 0u;
  for (; k + 4u <= params.features; k += 4u) {
    let at = k * blocks + block;
    sum += f32(x[start + k]) * vec4f(weight[at])
      + f32(x[start + k + 1u]) * vec4f(weight[at + blocks])
      + f32(x[start + k + 2u]) * vec4f(weight[at + 2u * blocks])
      + f32(x[start + k + 3u]) * vec4f(weight[at + 3u * blocks]);
  }
  for (; k < params.features; k++) { sum += f32(x[start + k]) * vec4f(weight[k * blocks + block]); }

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
