// Merges sorted runs, up to FAN_IN into one, and keeps the first `kept` values of each result.
//
//   rank(i) = Σ over the runs that are merged of |{ j in the run : x_j before x_i }|
//
// run_values   [count, runs, run_kept]   sorted runs; the last one of a row may be shorter
// run_indices  [count, runs, run_kept]   int32
// values       per row and merged run `kept` values in order, `y_stride` apart
// indices      int32, where `values` has the value with that index
// rows         up to 4 axes, innermost last, with the steps of both outputs along each
//
// One invocation moves one value. Its rank is its place in its own run plus, for every other run, the number of values
// there that come before it, which a binary search finds; of equal values those of the earlier run come first.
//
// A bitonic sort of the whole row in global memory would be the naive way: a launch for each of its log²(length) / 2
// steps. Here each launch makes runs FAN_IN times as long, and none has a barrier.

alias Scalar = f32;

struct Params {
  rows: vec4<u32>,
  y_steps: vec4<u32>,
  count: u32,       // rows
  length: u32,      // of a row, before runs lost what cannot be among the first
  runs: u32,        // of a row
  run_length: u32,  // values of the row that a run stands for
  run_kept: u32,
  kept: u32,        // values of a merged run that are written, if it has as many
  values_offset: u32,
  indices_offset: u32,
  y_stride: u32,
  run_step: u32,    // from one merged run's place in the outputs to the next one's
}

@group(0) @binding(0) var<storage, read> run_values: array<Scalar>;
@group(0) @binding(1) var<storage, read> run_indices: array<i32>;
@group(0) @binding(2) var<storage, read_write> values: array<Scalar>;
@group(0) @binding(3) var<storage, read_write> indices: array<i32>;
@group(0) @binding(4) var<uniform> params: Params;

override INTEGER: bool = false;
override LEAST: bool = false;
override FAN_IN: u32 = 16;
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

fn size_of(run: u32) -> u32 { return min(params.run_kept, params.length - run * params.run_length); }

// How many values of a run, whose first one lies at `start`, come before a key; of equals all or none.
fn count_before(start: u32, size: u32, key: u32, before_equals: bool) -> u32 {
  var low = 0u;
  var high = size;
  while (low < high) {
    let middle = (low + high) / 2u;
    let other = sort_key(run_values[start + middle]);
    if (other > key || (other == key && before_equals)) { low = middle + 1u; } else { high = middle; }
  }
  return low;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let id = gid.x + gid.y * groups.x * WORKGROUP;
  let place = id % params.run_kept;
  let run = (id / params.run_kept) % params.runs;
  let row = id / params.run_kept / params.runs;
  if (row >= params.count || place >= size_of(run)) { return; }

  let value = run_values[id];
  let key = sort_key(value);
  let merged = run / FAN_IN;
  let end = min((merged + 1u) * FAN_IN, params.runs);
  var rank = place;
  for (var other = merged * FAN_IN; other < end && rank < params.kept; other++) {
    if (other == run) { continue; }
    rank += count_before((row * params.runs + other) * params.run_kept, size_of(other), key, other < run);
  }
  if (rank >= params.kept) { return; }
  let to = dot(index_of(row), params.y_steps) + merged * params.run_step + rank * params.y_stride;
  values[params.values_offset + to] = value;
  indices[params.indices_offset + to] = run_indices[id];
}
