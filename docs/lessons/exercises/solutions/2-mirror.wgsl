// Exercise 2: the picture in a mirror, left for right.
//
//   y[i, j, c] = x[i, W - 1 - j, c]
//
// x, y  [H, W, C/4] vec4. One invocation makes four channels of one pixel.

struct Size { height: u32, width: u32, blocks: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> size: Size;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  let block = gid.x % size.blocks;
  let column = gid.x / size.blocks;
  if (column >= size.width || gid.y >= size.height) { return; }
  let row = gid.y * size.width;
  y[(row + column) * size.blocks + block] = x[(row + size.width - 1 - column) * size.blocks + block];
}
