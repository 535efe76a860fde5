// The k greatest or least values along one axis and their indices: each value counts how many come before it.
//
//   rank(i) = |{ j in the run of i : x_j before x_i }|,   values[rank(i)] = x_i,   indices[rank(i)] = i
//
// x        any tensor as scalars, row-major or nhwc4: a row is `length` values `x_stride` apart
// values   per row and run the first `kept` values in order, `y_stride` apart
// indices  int32, where `values` has the value with that index
// rows     up to 4 axes, innermost last, with the steps of x and of both outputs along each
//
// The greater value comes first (with LEAST the smaller), of equals the lower index; NaN counts as greater than every
// number, as in NumPy and PyTorch. This order is total: no two values have the same rank.
//
// One invocation ranks one value, in `run_length` comparisons. With one run per row this is the naive kernel, and the
// best one for short rows. Longer rows are cut into runs that top-k-merge.wgsl merges, so that a value is compared with
// a few others instead of with all. No barrier is needed, which suits CPUs: there it costs as much as 100 comparisons.

alias Scalar = f32;

struct Params {
  rows: vec4<u32>,
  x_steps: vec4<u32>,
  y_steps: vec4<u32>,
  count: u32,       // rows
  length: u32,      // of a row
  run_length: u32,
  kept: u32,        // values of a run that are written, if it has as many
  x_offset: u32,
  x_stride: u32,
  values_offset: u32,
  indices_offset: u32,
  y_stride: u32,
  run_step: u32,    // from one run's place in the outputs to the next one's
}

@group(0) @binding(0) var<storage, read> x: array<Scalar>;
@group(0) @binding(1) var<storage, read_write> values: array<Scalar>;
@group(0) @binding(2) var<storage, read_write> indices: array<i32>;
@group(0) @binding(3) var<uniform> params: Params;

override INTEGER: bool = false;
override LEAST: bool = false;
override WORKGROUP: u32 = 64;

// Integers of which the greater one comes first; both zeros alike, NaN above infinity.
fn sort_key(v: Scalar) -> u32 {
  var key = 0u;
  if (INTEGER) {
    key = bitcast<u32>(i32(v)) ^ 0x80000000u;
  } else {
    let bits = bitcast<u32>(f32(v));
    let magnitude = bits & 0x7fffffffu;
    key = select(0x80000000u + magnitude, 0x80000000u - magnitude, bits > 0x80000000u);
    if (magnitude > 0x7f800000u) { key = 0xffffffffu; }
  }
  return select(key, ~key, LEAST);
}

fn index_of(row: u32) -> vec4u {
  let innermost = row / params.rows.w;
  let middle = innermost / params.rows.z;
  return vec4u(middle / params.rows.y, middle % params.rows.y, innermost % params.rows.z, row % params.rows.w);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let id = gid.x + gid.y * groups.x * WORKGROUP;
  let row = id / params.length;
  if (row >= params.count) { return; }
  let i = id % params.length;
  let run = i / params.run_length;
  let first = run * params.run_length;
  let end = min(first + params.run_length, params.length);
  let index = index_of(row);
  let start = params.x_offset + dot(index, params.x_steps);

  let value = x[start + i * params.x_stride];
  let key = sort_key(value);
  var rank = 0u;
  for (var j = first; j < end; j++) {
    let other = sort_key(x[start + j * params.x_stride]);
    rank += select(0u, 1u, other > key || (other == key && j < i));
  }
  if (rank >= params.kept) { return; }
  let to = dot(index, params.y_steps) + run * params.run_step + rank * params.y_stride;
  values[params.values_offset + to] = value;
  indices[params.indices_offset + to] = i32(i);
}
