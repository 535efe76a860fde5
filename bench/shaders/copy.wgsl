// How many bytes a second?  y = x, one vector per invocation, neighbours beside each other.
//
//   x  [invocations] vec4   read once
//   y  [invocations] vec4   written once

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  y[id.x] = x[id.x];
}
