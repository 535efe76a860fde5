// The slices of x along one axis that `indices` names; a negative index counts from the end.
//
//   y[o, k, i] = x[o, indices[k], i]
//
// x        [outer, length, inner]  row-major
// indices  [count]                 int32
// y        [outer, count, inner]   row-major
//
// One invocation writes one element. An index outside the axis gives 0, as TensorFlow does on GPUs: a shader can
// throw no error, and must not read what lies beside the tensor.

alias Scalar = f32;

struct Params {
  size: u32,     // elements of y
  count: u32,
  inner: u32,
  length: i32,
  x_offset: u32,
  indices_offset: u32,
  y_offset: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Scalar>;
@group(0) @binding(1) var<storage, read> indices: array<i32>;
@group(0) @binding(2) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(3) var<uniform> params: Params;

override WORKGROUP: u32 = 64;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  let inner = i % params.inner;
  let k = (i / params.inner) % params.count;
  let outer = i / params.inner / params.count;
  let named = indices[params.indices_offset + k];
  let index = select(named, named + params.length, named < 0);
  if (index >= 0 && index < params.length) {
    y[params.y_offset + i] = x[params.x_offset + (outer * u32(params.length) + u32(index)) * params.inner + inner];
  } else {
    y[params.y_offset + i] = Scalar(0);
  }
}
