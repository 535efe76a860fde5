// Puts a margin around a tensor of up to 8 axes: a constant, the mirror image without the edge (reflect), the edge
// repeated, or the opposite side (wrap). A negative margin crops.
//
//   y[i_0, i_1, …] = x[source(i_0 - before_0), source(i_1 - before_1), …]
//
// x  any strides     y  row-major
//
// One invocation writes one element. Unused leading axes have extent 1. pad is the fast way for the margins of images.

alias Scalar = f32;

struct Params {
  shape: array<vec4<u32>, 2>,  // axes of y, outermost first
  x_shape: array<vec4<i32>, 2>,
  x_strides: array<vec4<i32>, 2>,
  before: array<vec4<i32>, 2>,
  x_offset: i32,
  y_offset: u32,
  size: u32,                   // elements of y
  value: f32,
  integer_value: i32,          // the same, for int32 beyond the range that float32 counts
}

@group(0) @binding(0) var<storage, read> x: array<Scalar>;
@group(0) @binding(1) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(2) var<uniform> params: Params;

override MODE: u32 = 0;  // constant, reflect, edge, wrap
override INTEGER: bool = false;
override FIRST_AXIS: u32 = 0;  // axes before this one have extent 1
override WORKGROUP: u32 = 64;

// The index in 0 … size-1 that supplies index i, or -1 where the constant does.
fn source_index(i: i32, size: i32) -> i32 {
  if (i >= 0 && i < size) { return i; }
  switch (MODE) {
    case 1u: { return select(2 * (size - 1) - i, -i, i < 0); }
    case 2u: { return clamp(i, 0, size - 1); }
    case 3u: { return ((i % size) + size) % size; }
    default: { return -1; }
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  var rest = i;
  var source = params.x_offset;
  var inside = true;
  for (var axis = 8u; axis > FIRST_AXIS; ) {
    axis -= 1u;
    let extent = params.shape[axis / 4u][axis % 4u];
    let at = i32(rest % extent) - params.before[axis / 4u][axis % 4u];
    rest /= extent;
    let index = source_index(at, params.x_shape[axis / 4u][axis % 4u]);
    inside = inside && index >= 0;
    source += index * params.x_strides[axis / 4u][axis % 4u];
  }
  if (inside) {
    y[params.y_offset + i] = x[source];
  } else if (INTEGER) {
    y[params.y_offset + i] = Scalar(params.integer_value);
  } else {
    y[params.y_offset + i] = Scalar(params.value);
  }
}
