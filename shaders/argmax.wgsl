// The index of the greatest or least value along one axis; the first or last of equal ones. NaN wins over every number.
//
//   y = argmax_k x_k      or argmin_k x_k
//
// x         any tensor as scalars, row-major or nhwc4: a row is `length` values `x_stride` apart
// y         one int32 per row
// rows      up to 4 axes, innermost last, with the steps of x and y along each
//
// LANES invocations share a row, WORKGROUP / LANES rows a workgroup. Each finds the best of its share; the shares meet
// in workgroup memory, one value and index per invocation. LANES = 1 is the naive kernel and has no barrier: best for
// many short rows. LANES = WORKGROUP reads a long row side by side and keeps the device busy when there are few rows.
//
// Values are compared as keys, integers in the same order, so that NaN, which compilers may assume away, keeps its
// place and ties are exact.

alias Scalar = f32;

struct Params {
  rows: vec4<u32>,
  x_steps: vec4<u32>,
  y_steps: vec4<u32>,
  count: u32,     // rows
  x_offset: u32,
  y_offset: u32,
  length: u32,
  x_stride: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Scalar>;
@group(0) @binding(1) var<storage, read_write> y: array<i32>;
@group(0) @binding(2) var<uniform> params: Params;

override INTEGER: bool = false;
override LEAST: bool = false;  // argmin
override LAST: bool = false;   // of equals
override LANES: u32 = 1;       // a power of two
override WORKGROUP: u32 = 64;

var<workgroup> keys: array<u32, WORKGROUP>;
var<workgroup> indices: array<u32, WORKGROUP>;

// The same order as the numbers, both zeros alike; with LEAST the reverse. NaN has the greatest key.
fn key_of(v: Scalar) -> u32 {
  var key = 0u;
  if (INTEGER) {
    key = bitcast<u32>(i32(v)) ^ 0x80000000u;
  } else {
    let bits = bitcast<u32>(f32(v));
    let magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) { return 0xffffffffu; }
    key = select(0x80000000u + magnitude, 0x80000000u - magnitude, bits > 0x80000000u);
  }
  return select(key, ~key, LEAST);
}

fn index_of(row: u32) -> vec4u {
  let innermost = row / params.rows.w;
  let middle = innermost / params.rows.z;
  return vec4u(middle / params.rows.y, middle % params.rows.y, innermost % params.rows.z, row % params.rows.w);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = local % LANES;
  let row = (group.x + group.y * groups.x) * (WORKGROUP / LANES) + local / LANES;
  let index = index_of(row);
  // Invocations past the last row have nothing to do, but must reach the barriers.
  let inside = row < params.count;
  let length = select(0u, params.length, inside);
  let start = params.x_offset + dot(index, params.x_steps);

  // A lane without a value repeats the row's first one, which changes nothing.
  var best = 0u;
  var best_key = 0u;
  if (lane < length) { best = lane; }
  if (length > 0u) { best_key = key_of(x[start + best * params.x_stride]); }
  for (var k = lane + LANES; k < length; k += LANES) {
    let key = key_of(x[start + k * params.x_stride]);
    if (key > best_key || (LAST && key == best_key)) {
      best = k;
      best_key = key;
    }
  }

  if (LANES > 1u) {
    keys[local] = best_key;
    indices[local] = best;
    for (var step = LANES / 2u; step > 0u; step /= 2u) {
      workgroupBarrier();
      if (lane < step) {
        let key = keys[local + step];
        let k = indices[local + step];
        let tie = key == keys[local] && select((k < indices[local]), (k > indices[local]), LAST);
        if (key > keys[local] || tie) {
          keys[local] = key;
          indices[local] = k;
        }
      }
    }
    workgroupBarrier();
    best = indices[local];
  }
  if (inside && lane == 0u) { y[params.y_offset + dot(index, params.y_steps)] = i32(best); }
}
