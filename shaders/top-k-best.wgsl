// The greatest or least value of each row and its index: top-k for k = 1.
//
//   indices = the first i whose x_i is best,   values = x_i
//
// x        any tensor as scalars, row-major or nhwc4: a row is `length` values `x_stride` apart
// values   one per row                 indices  int32, where `values` has the value with that index
// rows     up to 4 axes, innermost last, with the steps of x and of both outputs along each
//
// One invocation goes through one row, in `length` comparisons; top-k-rank.wgsl compares every value with every other to
// know the whole order. NaN counts as greater than every number.

alias Scalar = f32;

struct Params {
  rows: vec4<u32>,
  x_steps: vec4<u32>,
  y_steps: vec4<u32>,
  count: u32,       // rows
  length: u32,      // of a row
  x_offset: u32,
  x_stride: u32,
  values_offset: u32,
  indices_offset: u32,
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
  let row = gid.x + gid.y * groups.x * WORKGROUP;
  if (row >= params.count) { return; }
  let index = index_of(row);
  let start = params.x_offset + dot(index, params.x_steps);

  var best = 0u;
  var best_key = sort_key(x[start]);
  for (var i = 1u; i < params.length; i++) {
    let key = sort_key(x[start + i * params.x_stride]);
    if (key > best_key) {
      best = i;
      best_key = key;
    }
  }
  let to = dot(index, params.y_steps);
  values[params.values_offset + to] = x[start + best * params.x_stride];
  indices[params.indices_offset + to] = i32(best);
}
