// One yes-or-no question about two numbers, element by element with NumPy's broadcasting: y = f(a, b), 0 or 1.
// FUNCTION numbers the functions as the host does: equal, less, …, and, or, xor (every number but 0 is true).
//
// a, b  any strides over up to 8 axes; 0 along an axis that is repeated      y  row-major int32
//
// One invocation makes one element. Masks are small beside the pictures that they are made from, so that nothing is
// gained by a second kernel for whole vec4s, as binary has one; what differs from binary is the type of the result.

alias Scalar = f32;

struct Params {
  shape: array<vec4<u32>, 2>,      // axes of y, outermost first, filled up in front with 1
  a_strides: array<vec4<i32>, 2>,
  b_strides: array<vec4<i32>, 2>,
  a_offset: i32,
  b_offset: i32,
  y_offset: u32,
  size: u32,                       // elements of y
}

@group(0) @binding(0) var<storage, read> a: array<Scalar>;
@group(0) @binding(1) var<storage, read> b: array<Scalar>;
@group(0) @binding(2) var<storage, read_write> y: array<i32>;
@group(0) @binding(3) var<uniform> params: Params;

override FUNCTION: u32 = 9;
override FIRST_AXIS: u32 = 0;  // axes before this one have extent 1
override WORKGROUP: u32 = 64;

// Not `v != 0`, which is false for NaN wherever WGSL becomes SPIR-V.
fn is_true(v: Scalar) -> bool { return !(v == Scalar(0)); }

fn holds(p: Scalar, q: Scalar) -> bool {
  switch (FUNCTION) {
    case 9u: { return p == q; }
    case 10u: { return p < q; }
    case 11u: { return p <= q; }
    case 12u: { return p > q; }
    case 13u: { return p >= q; }
    case 14u: { return is_true(p) && is_true(q); }
    case 15u: { return is_true(p) || is_true(q); }
    default: { return is_true(p) != is_true(q); }
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  var rest = i;
  var from_a = params.a_offset;
  var from_b = params.b_offset;
  for (var axis = 8u; axis > FIRST_AXIS; ) {
    axis -= 1u;
    let extent = params.shape[axis / 4u][axis % 4u];
    let index = i32(rest % extent);
    rest /= extent;
    from_a += index * params.a_strides[axis / 4u][axis % 4u];
    from_b += index * params.b_strides[axis / 4u][axis % 4u];
  }
  y[params.y_offset + i] = i32(holds(a[from_a], b[from_b]));
}
