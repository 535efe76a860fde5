// Exercise 2: make this the picture in a mirror, left for right. The grid is larger than the picture.
//
//   y[i, j, c] = x[i, j, c] today
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
  let at = (gid.y * size.width + column) * size.blocks + block;
  y[at] = x[at];
}
