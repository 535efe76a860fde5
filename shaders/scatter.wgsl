// Rows of x, replaced by updates or combined with them, wherever the indices say.
//
//   y[r] = x[r] ∘ updates[k₁] ∘ updates[k₂] …     for all k with indices[k] = r, in their order
//
// x        [rows, width]
// sorted   [count] int32     the indices in ascending order
// order    [count] int32     where in `indices` each of them stands; of equals the lower first
// updates  [count, width]
// y        [rows, width]
//
// One invocation makes one element of y: a binary search in `sorted` finds the updates of its row. The naive kernel, one
// invocation per update, would write where others write too, and needs atomics, which WGSL has for integers alone and
// which add in another order on every run. Sorting first (top-k-rank.wgsl, top-k-sort.wgsl) costs a launch or two, and
// gives the same result every time. Indices of no row are never found.

alias Scalar = f32;

struct Params {
  size: u32,   // elements of y
  width: u32,
  count: u32,
  x_offset: u32,
  updates_offset: u32,
  y_offset: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Scalar>;
@group(0) @binding(1) var<storage, read> sorted: array<i32>;
@group(0) @binding(2) var<storage, read> order: array<i32>;
@group(0) @binding(3) var<storage, read> updates: array<Scalar>;
@group(0) @binding(4) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(5) var<uniform> params: Params;

override REDUCTION: u32 = 0;  // none, add, mul, max, min
override INTEGER: bool = false;
override WORKGROUP: u32 = 64;

// By its bits: compilers may assume that there is no NaN.
fn is_nan_scalar(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }

fn combine(a: f32, b: f32) -> f32 {
  switch (REDUCTION) {
    case 1u: { return a + b; }
    case 2u: { return a * b; }
    case 3u: { return select(b, a, is_nan_scalar(a) || (a > b && !is_nan_scalar(b))); }
    case 4u: { return select(b, a, is_nan_scalar(a) || (a < b && !is_nan_scalar(b))); }
    default: { return b; }
  }
}

fn combine_integers(a: i32, b: i32) -> i32 {
  switch (REDUCTION) {
    case 1u: { return a + b; }
    case 2u: { return a * b; }
    case 3u: { return max(a, b); }
    case 4u: { return min(a, b); }
    default: { return b; }
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  let row = i32(i / params.width);
  let column = i % params.width;

  var low = 0u;
  var high = params.count;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (sorted[middle] < row) { low = middle + 1u; } else { high = middle; }
  }

  let value = x[params.x_offset + i];
  var number = f32(value);
  var integer = i32(value);
  for (var at = low; at < params.count && sorted[at] == row; at++) {
    let update = updates[params.updates_offset + u32(order[at]) * params.width + column];
    if (INTEGER) { integer = combine_integers(integer, i32(update)); } else { number = combine(number, f32(update)); }
  }
  if (INTEGER) { y[params.y_offset + i] = Scalar(integer); } else { y[params.y_offset + i] = Scalar(number); }
}
