// Copies a tensor of up to 8 axes between any two strided layouts: transpose, slice, split, expand, concatenate and
// the change between row-major and nhwc4 are all this kernel with other strides.
//
//   y[y_offset + Σ i_k · y_strides[k]] = x[x_offset + Σ i_k · x_strides[k]]     for i in the box `shape`
//
// Axes are listed in the order in which y lies in memory, outermost first; unused leading axes have extent 1.
// When y is nhwc4 and its channels are no multiple of 4, the innermost extent is rounded up: from `valid` on, the
// lane is padding and gets zero, which every reader of nhwc4 relies on.
//
// One invocation writes one element, so writes are coalesced and reads are as scattered as the strides make them.
// Where the innermost axis is a run of whole vec4s on both sides, as in crops and joins of nhwc4 images and pixel
// shuffling of whole channel blocks, the host makes an Element a vec4: every stride, extent and offset then counts
// vec4s, for a quarter of the index arithmetic and 16 bytes to a load and a store.

alias Scalar = f32;
alias Element = Scalar;

struct Params {
  shape: array<vec4<u32>, 2>,
  x_strides: array<vec4<i32>, 2>,
  y_strides: array<vec4<i32>, 2>,
  x_offset: i32,
  y_offset: i32,
  size: u32,   // elements of the box
  valid: u32,  // of the innermost axis
}

@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read_write> y: array<Element>;
@group(0) @binding(2) var<uniform> params: Params;

override FIRST_AXIS: u32 = 0;  // axes before this one have extent 1
override WORKGROUP: u32 = 64;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  var rest = i;
  var source = params.x_offset;
  var to = params.y_offset;
  var innermost = 0u;
  for (var axis = 8u; axis > FIRST_AXIS; ) {
    axis -= 1u;
    let extent = params.shape[axis / 4u][axis % 4u];
    let index = rest % extent;
    rest /= extent;
    if (axis == 7u) { innermost = index; }
    source += i32(index) * params.x_strides[axis / 4u][axis % 4u];
    to += i32(index) * params.y_strides[axis / 4u][axis % 4u];
  }
  if (innermost < params.valid) { y[to] = x[source]; } else { y[to] = Element(); }
}
