// A choice between two tensors, element by element with NumPy's broadcasting: y = condition ? a : b.
//
// condition  int32, every value but 0 is true      a, b, y  elements of one type
//
// All four lie anyhow, by strides over up to 8 axes: 0 along an axis that is repeated. Axes are listed in the order in
// which y lies in memory, outermost first. When y is nhwc4 and its channels are no multiple of 4, the innermost extent
// is rounded up: from `valid` on, the lane is padding and gets zero.
//
// One invocation writes one element. Only the chosen branch is read.

alias Scalar = f32;

struct Params {
  shape: array<vec4<u32>, 2>,
  condition_strides: array<vec4<i32>, 2>,
  a_strides: array<vec4<i32>, 2>,
  b_strides: array<vec4<i32>, 2>,
  y_strides: array<vec4<i32>, 2>,
  condition_offset: i32,
  a_offset: i32,
  b_offset: i32,
  y_offset: i32,
  size: u32,   // elements of the box
  valid: u32,  // of the innermost axis
}

@group(0) @binding(0) var<storage, read> condition: array<i32>;
@group(0) @binding(1) var<storage, read> a: array<Scalar>;
@group(0) @binding(2) var<storage, read> b: array<Scalar>;
@group(0) @binding(3) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(4) var<uniform> params: Params;

override FIRST_AXIS: u32 = 0;  // axes before this one have extent 1
override WORKGROUP: u32 = 64;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  var rest = i;
  var asked = params.condition_offset;
  var from_a = params.a_offset;
  var from_b = params.b_offset;
  var to = params.y_offset;
  var innermost = 0u;
  for (var axis = 8u; axis > FIRST_AXIS; ) {
    axis -= 1u;
    let extent = params.shape[axis / 4u][axis % 4u];
    let index = i32(rest % extent);
    rest /= extent;
    if (axis == 7u) { innermost = u32(index); }
    asked += index * params.condition_strides[axis / 4u][axis % 4u];
    from_a += index * params.a_strides[axis / 4u][axis % 4u];
    from_b += index * params.b_strides[axis / 4u][axis % 4u];
    to += index * params.y_strides[axis / 4u][axis % 4u];
  }
  if (innermost >= params.valid) {
    y[to] = Scalar(0);
  } else if (condition[asked] != 0) {
    y[to] = a[from_a];
  } else {
    y[to] = b[from_b];
  }
}
