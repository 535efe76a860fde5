// How many elements of each block of x are not zero: the first pass of finding them, before a scan of these counts
// (non-zero-scan.wgsl) says where each block's begin, and non-zero-emit.wgsl writes them.
//
// x  [size]     counts  [size / BLOCK, rounded up]
//
// One invocation counts one block. A number is zero if its bits are, but for the sign: NaN is not.

alias Scalar = f32;

struct Params {
  size: u32,
  blocks: u32,
  x_offset: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Scalar>;
@group(0) @binding(1) var<storage, read_write> counts: array<u32>;
@group(0) @binding(2) var<uniform> params: Params;

override INTEGER: bool = false;
override BLOCK: u32 = 64;
override WORKGROUP: u32 = 64;

fn is_non_zero(v: Scalar) -> bool {
  if (INTEGER) { return i32(v) != 0; }
  return (bitcast<u32>(f32(v)) & 0x7fffffffu) != 0u;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let block = gid.x + gid.y * groups.x * WORKGROUP;
  if (block >= params.blocks) { return; }
  let end = min((block + 1u) * BLOCK, params.size);
  var count = 0u;
  for (var i = block * BLOCK; i < end; i++) { count += select(0u, 1u, is_non_zero(x[params.x_offset + i])); }
  counts[block] = count;
}
