// strided-copy for regions whose innermost axis is a run of whole vec4s in both tensors: crops and joins of nhwc4
// images, pixel shuffling of whole channel blocks, transpositions that leave the last axis where it is.
//
//   y[y_offset + Σ i_k · y_strides[k]] = x[x_offset + Σ i_k · x_strides[k]]     for i in the box `shape`
//
// x, y: tensors as vec4s; every stride, extent and offset counts vec4s. Axes are listed in the order in which y lies
// in memory, outermost first; unused leading axes have extent 1.
//
// One invocation moves one vec4: a quarter of strided-copy's index arithmetic, and 16 bytes to a load and a store.

alias Vec4 = vec4<f32>;

struct Params {
  shape: array<vec4<u32>, 2>,
  x_strides: array<vec4<i32>, 2>,
  y_strides: array<vec4<i32>, 2>,
  x_offset: i32,
  y_offset: i32,
  size: u32,  // vec4s of the box
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read_write> y: array<Vec4>;
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
  for (var axis = 8u; axis > FIRST_AXIS; ) {
    axis -= 1u;
    let extent = params.shape[axis / 4u][axis % 4u];
    let index = rest % extent;
    rest /= extent;
    source += i32(index) * params.x_strides[axis / 4u][axis % 4u];
    to += i32(index) * params.y_strides[axis / 4u][axis % 4u];
  }
  y[to] = x[source];
}
