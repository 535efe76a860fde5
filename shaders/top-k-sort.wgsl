// The k greatest or least values along one axis and their indices: runs of a row are sorted in workgroup memory.
//
// x        any tensor as scalars, row-major or nhwc4: a row is `length` values `x_stride` apart
// values   per row and run the first `kept` values in order, `y_stride` apart
// indices  int32, where `values` has the value with that index
// rows     up to 4 axes, innermost last, with the steps of x and of both outputs along each
//
// The greater value comes first (with LEAST the smaller), of equals the lower index; NaN counts as greater than every
// number, as in NumPy and PyTorch.
//
// A workgroup sorts one run of CAPACITY values by a bitonic network (Batcher 1968). Each of its log²(CAPACITY) / 2
// steps compares all pairs of values that are `stride` apart, with a barrier in between. The naive kernel,
// top-k-rank.wgsl, compares every value with every other. Workgroup memory holds keys and indices, 8 KiB for 1,024
// values; top-k-merge.wgsl merges the runs of longer rows.

alias Scalar = f32;

struct Params {
  rows: vec4<u32>,
  x_steps: vec4<u32>,
  y_steps: vec4<u32>,
  count: u32,       // rows
  length: u32,      // of a row
  runs: u32,        // of a row
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
override CAPACITY: u32 = 1024;  // a power of two
override WORKGROUP: u32 = 128;

const NOTHING = 0xffffffffu;

var<workgroup> keys: array<u32, CAPACITY>;
var<workgroup> places: array<u32, CAPACITY>;

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

fn comes_before(a: u32, b: u32) -> bool {
  return keys[a] > keys[b] || (keys[a] == keys[b] && (places[a] < places[b]));
}

// Sorts the first `count` keys and their places, a power of two of them, by a bitonic network (Batcher 1968).
fn sort_keys(count: u32, local: u32) {
  for (var span = 2u; span <= count; span *= 2u) {
    for (var stride = span / 2u; stride > 0u; stride /= 2u) {
      workgroupBarrier();
      for (var pair = local; pair < count / 2u; pair += WORKGROUP) {
        let a = 2u * pair - (pair & (stride - 1u));
        let b = a + stride;
        let ascending = (a & span) != 0u;
        if (comes_before(b, a) != ascending) {
          let key = keys[a];
          let place = places[a];
          keys[a] = keys[b];
          places[a] = places[b];
          keys[b] = key;
          places[b] = place;
        }
      }
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let job = group.x + group.y * groups.x;
  let row = job / params.runs;
  if (row >= params.count) { return; }
  let run = job % params.runs;
  let first = run * CAPACITY;
  let size = min(CAPACITY, params.length - first);
  let index = index_of(row);
  let start = params.x_offset + dot(index, params.x_steps);

  // A shorter run is filled up with what comes last: the least key and the greatest index.
  for (var i = local; i < CAPACITY; i += WORKGROUP) {
    keys[i] = 0u;
    places[i] = NOTHING;
    if (i < size) {
      keys[i] = sort_key(x[start + (first + i) * params.x_stride]);
      places[i] = first + i;
    }
  }
  sort_keys(CAPACITY, local);
  workgroupBarrier();

  let to = dot(index, params.y_steps) + run * params.run_step;
  for (var rank = local; rank < min(size, params.kept); rank += WORKGROUP) {
    let place = places[rank];
    values[params.values_offset + to + rank * params.y_stride] = x[start + place * params.x_stride];
    indices[params.indices_offset + to + rank * params.y_stride] = i32(place);
  }
}
