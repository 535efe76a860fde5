// Second half of instance normalisation: each channel of each image by its own statistics. Ulyanov et al. 2016.
//
//   y[n, p, c] = (x[n, p, c] - statistics[n, 0, c]) · statistics[n, 1, c] · scale[c] + bias[c]
//
// x, y         [N, H, W, C/4] vec4
// statistics   [N, 2, C/4] vec4<f32>, from instance-norm-statistics
// scale, bias  [C], as vec4s
//
// One invocation makes four channels of one pixel; the grid is one row of y high. Bound by bandwidth.

alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  y: View,
  rows: u32,   // of all images
  height: u32,
  width: u32,
  channels: u32,
  scale: u32,  // where each vector starts, in vec4s
  bias: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read> statistics: array<vec4f>;
@group(0) @binding(2) var<storage, read> scale: array<Vec4>;
@group(0) @binding(3) var<storage, read> bias: array<Vec4>;
@group(0) @binding(4) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(5) var<uniform> params: Params;

override WORKGROUP: u32 = 64;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let blocks = (params.channels + 3u) / 4u;
  let column = gid.x / blocks;
  let line = gid.y + gid.z * groups.y;
  if (column >= params.width || line >= params.rows) { return; }
  let block = gid.x % blocks;
  let row = line % params.height;
  let image = line / params.height;

  let source = params.x.offset + image * params.x.image + row * params.x.row + column * params.x.pixel + block;
  let to = params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block;
  let known = image * 2u * blocks + block;
  let standard = (vec4f(x[source]) - statistics[known]) * statistics[known + blocks];
  let result = standard * vec4f(scale[params.scale + block]) + vec4f(bias[params.bias + block]);
  let lanes = block * 4u + vec4u(0u, 1u, 2u, 3u);
  y[to] = Vec4(select(vec4f(0.0), result, lanes < vec4u(params.channels)));
}
