// The indices of all elements that are not zero, in row-major order: the last pass, after those of non-zero-count.wgsl
// and non-zero-scan.wgsl.
//
// x        [size], a tensor of `rank` axes, row-major
// starts   [blocks + 1]     how many elements are not zero before each block; last, in all
// indices  [size, rank] int32
//
// One invocation goes through one block. Every element writes one row, so that none is left over: an element that is not
// zero its index, to the row that its place among them names; a zero -1, to a row behind them.

alias Scalar = f32;

struct Params {
  size: u32,
  blocks: u32,
  rank: u32,
  x_offset: u32,
  indices_offset: u32,
  shape: array<vec4<u32>, 2>,
  strides: array<vec4<u32>, 2>,
}

@group(0) @binding(0) var<storage, read> x: array<Scalar>;
@group(0) @binding(1) var<storage, read> starts: array<u32>;
@group(0) @binding(2) var<storage, read_write> indices: array<i32>;
@group(0) @binding(3) var<uniform> params: Params;

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
  let total = starts[params.blocks];
  var before = starts[block];
  for (var i = block * BLOCK; i < end; i++) {
    let found = is_non_zero(x[params.x_offset + i]);
    let row = select(total + i - before, before, found);
    for (var axis = 0u; axis < params.rank; axis++) {
      let at = (i / params.strides[axis / 4u][axis % 4u]) % params.shape[axis / 4u][axis % 4u];
      indices[params.indices_offset + row * params.rank + axis] = select(-1, i32(at), found);
    }
    before += select(0u, 1u, found);
  }
}
