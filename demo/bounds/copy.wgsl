// How many bytes a second?  y = x, one vector per invocation, neighbours beside each other. A grid may have only 65,535
// workgroups along an axis, and more than one row fills the caches of large GPUs.
//
//   x  [invocations] vec4   read once
//   y  [invocations] vec4   written once

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let at = id.y * groups.x * 64u + id.x;
  y[at] = x[at];
}
