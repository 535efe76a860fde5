// Copies a tensor of up to 8 axes between any two strided layouts: transpose, slice, split, expand, concatenate and
// the change between row-major and nhwc4 are all this kernel with other strides.
//
//   y[y_offset + Σ i_k · y_strides[k]] = x[x_offset + Σ i_k · x_strides[k]]     for i in the box `shape`
//
// Axes are listed in the order in which y lies in memory, outermost first; unused leading axes have extent 1.
// When y is nhwc4 and its channels are no multiple of 4, the innermost extent is rounded up: from `valid` on, the
// lane is padding and gets zero, which every reader of nhwc4 relies on.
//
// One invocation writes one element, so writes are coalesced and reads are as scattered as the strides make them. Where a
// CPU computes, for which the divisions take longest, it writes a run of them along the innermost axis.
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
  runs: u32,   // of RUN elements, along the innermost axis
  size: u32,   // runs of the box
  valid: u32,  // of the innermost axis
}

@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read_write> y: array<Element>;
@group(0) @binding(2) var<uniform> params: Params;

override FIRST_AXIS: u32 = 0;  // axes before this one have extent 1
override RUN: u32 = 1;
override WORKGROUP: u32 = 64;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  // Never true. Indices are clamped to their array's length, for which SwiftShader would divide in each turn of a loop.
  if (RUN > 1u && min(arrayLength(&x), arrayLength(&y)) == 0u) { return; }
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  var rest = i / params.runs;
  let first = (i - rest * params.runs) * RUN;
  let step = vec2i(params.x_strides[1].w, params.y_strides[1].w);
  var at = vec2i(params.x_offset, params.y_offset) + i32(first) * step;
  for (var axis = 7u; axis > FIRST_AXIS; ) {
    axis -= 1u;
    let extent = params.shape[axis / 4u][axis % 4u];
    let outer = rest / extent;
    let index = i32(rest - outer * extent);
    at += index * vec2i(params.x_strides[axis / 4u][axis % 4u], params.y_strides[axis / 4u][axis % 4u]);
    rest = outer;
  }
  let count = select(min(first + RUN, params.shape[1].w) - first, 1u, RUN == 1u);
  for (var k = 0u; k < count; k++) {
    if (first + k < params.valid) { y[at.y] = x[at.x]; } else { y[at.y] = Element(); }
    at += step;
  }
}
