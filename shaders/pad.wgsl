// Puts a margin around images: a constant, the mirror image without the edge (reflect), the edge repeated, or the
// opposite side (wrap). A negative margin crops.
//
//   y[n, i, j, c] = x[n, source(i - top), source(j - left), c]
//
// x  [N, H, W, C/4] vec4     y  [N, OH, OW, C/4] vec4
//
// One invocation moves four channels of one output pixel; the grid is one row of y high, so that row and image are the
// same for a whole workgroup. pad-strided does this for any tensor, element by element, with a division per axis.

alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  y: View,
  rows: u32,           // of all output images
  out_height: u32,
  out_width: u32,
  channels: u32,
  in_size: vec2<i32>,  // height, width
  before: vec2<i32>,   // top, left
  value: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(2) var<uniform> params: Params;

override MODE: u32 = 0;  // constant, reflect, edge, wrap
override WORKGROUP: u32 = 64;

// The index in 0 … size-1 that supplies index i, or -1 where the constant does.
fn source_index(i: i32, size: i32) -> i32 {
  if (i >= 0 && i < size) { return i; }
  switch (MODE) {
    case 1u: { return select(2 * (size - 1) - i, -i, i < 0); }
    case 2u: { return clamp(i, 0, size - 1); }
    case 3u: { return ((i % size) + size) % size; }
    default: { return -1; }
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let blocks = (params.channels + 3u) / 4u;
  let column = gid.x / blocks;
  let line = gid.y + gid.z * groups.y;
  if (column >= params.out_width || line >= params.rows) { return; }
  let block = gid.x % blocks;
  let row = line % params.out_height;
  let image = line / params.out_height;

  let in_row = source_index(i32(row) - params.before.x, params.in_size.x);
  let in_column = source_index(i32(column) - params.before.y, params.in_size.y);
  let to = params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block;
  if (in_row >= 0 && in_column >= 0) {
    y[to] = x[params.x.offset + image * params.x.image + u32(in_row) * params.x.row + u32(in_column) * params.x.pixel + block];
  } else {
    let lanes = block * 4u + vec4u(0u, 1u, 2u, 3u);
    y[to] = Vec4(select(vec4f(0.0), vec4f(params.value), lanes < vec4u(params.channels)));
  }
}
