// Fully connected layer, four outputs of one row at a time.
//
//   y[r, o] = act(bias[o] + Σ_k x[r, k] · weight[k, o])
//
// x [R, K]    weight [K, O/4] vec4, the outputs padded with zeros    bias [O/4] vec4    residual, y [R, O]
//
// Each weight is used once per row, so that reading the weights is all the time it takes: neighbouring invocations read
// neighbouring vec4s, where the naive kernel's are K apart.
// x is the same for all outputs of a row and comes from the cache. Rows of x need not start at a multiple of four,
// which is why it is read by single numbers.
//
// A workgroup makes BLOCKS · 4 outputs with BLOCKS × SLICES invocations. Invocation (b, s) adds up every SLICES-th four
// products of block b: the loads of four are in flight at once. Workgroup memory holds these partial sums, SLICES × BLOCKS
// vec4s, which are then added pairwise. One invocation per four outputs, 250 for a classifier of 1000 classes, is too few
// to keep a GPU busy. SLICES = 1 has no barrier: best for many rows, and on software adapters, whose barriers are slow.

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
override BLOCKS: u32 = 64;
override SLICES: u32 = 1;    // a power of two

var<workgroup> partial: array<vec4f, BLOCKS * SLICES>;

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

@compute @workgroup_size(BLOCKS, SLICES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) local: vec3u,
) {
  let i = (group.x + group.y * groups.x) * BLOCKS + local.x;
  let blocks = (params.outputs + 3u) / 4u;
  let block = i % blocks;
  let row = i / blocks;
  // Invocations past the last row have nothing to add, but must reach the barriers.
  let features = select(0u, params.features, row < params.rows);

  let start = params.x_offset + row * params.features;
  var sum = vec4f(0.0);
  for (var k = 4u * local.y; k + 4u <= features; k += 4u * SLICES) {
    let at = k * blocks + block;
    sum = sum + f32(x[start + k]) * vec4f(weight[at])
      + f32(x[start + k + 1u]) * vec4f(weight[at + blocks])
      + f32(x[start + k + 2u]) * vec4f(weight[at + 2u * blocks])
      + f32(x[start + k + 3u]) * vec4f(weight[at + 3u * blocks]);
  }
  for (var k = features / 4u * 4u + local.y; k < features; k += SLICES) { sum += f32(x[start + k]) * vec4f(weight[k * blocks + block]); }

  if (SLICES > 1u) {
    let slot = local.y * BLOCKS + local.x;
    partial[slot] = sum;
    for (var half = SLICES / 2u; half > 0u; half /= 2u) {
      workgroupBarrier();
      if (local.y < half) { partial[slot] += partial[slot + half * BLOCKS]; }
    }
    sum = partial[slot];
  }
  if (row >= params.rows || local.y > 0u) { return; }

  sum += vec4f(bias[block]);
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
