// Average pooling: the mean of the pixels under a sliding window.
//
//   y[n, i, j, c] = Σ_{u,v} x[n, i·stride + u·dilation - padding, j·stride + v·dilation - padding, c] / count
//
// x  [N, H, W, C/4] vec4     y  [N, OH, OW, C/4] vec4
//
// `count` is the number of taps inside the picture, or, with COUNT_PADDING, inside the padded picture: what ceil mode
// adds behind the padding never counts. A window without anything to count gives 0.
//
// One invocation makes four channels of one output pixel; the grid is that of max-pool2d, one row of y high, so that
// row and image are the same for a whole workgroup. Overlapping windows are served by the cache.

alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  y: View,
  rows: u32,          // of all output images
  in_height: u32,
  in_width: u32,
  out_height: u32,
  out_width: u32,
  channels: u32,
  kernel: vec2<u32>,  // height, width
  stride: vec2<i32>,
  dilation: vec2<i32>,
  padding: vec2<i32>, // top, left
  padded: vec2<i32>,  // height and width with the padding behind, as seen from the first pixel
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(2) var<uniform> params: Params;

override COUNT_PADDING: bool = false;
override WORKGROUP: u32 = 64;

// How many taps of a window that begins at `start` lie before `end`.
fn taps_before(end: i32, start: i32, dilation: i32, kernel: u32) -> u32 {
  return min(u32(max((end - start + dilation - 1) / dilation, 0)), kernel);
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

  let start = params.x.offset + image * params.x.image + block;
  // Only taps within the picture are walked: a file may ask for billions around it.
  let window = vec2i(i32(row), i32(column)) * params.stride - params.padding;
  let first = vec2u(
    taps_before(0, window.x, params.dilation.x, params.kernel.x),
    taps_before(0, window.y, params.dilation.y, params.kernel.y),
  );
  let last = vec2u(
    taps_before(i32(params.in_height), window.x, params.dilation.x, params.kernel.x),
    taps_before(i32(params.in_width), window.y, params.dilation.y, params.kernel.y),
  );
  var sum = vec4f(0.0);
  for (var u = first.x; u < last.x; u++) {
    let in_row = window.x + i32(u) * params.dilation.x;
    for (var v = first.y; v < last.y; v++) {
      let in_column = window.y + i32(v) * params.dilation.y;
      sum += vec4f(x[start + u32(in_row) * params.x.row + u32(in_column) * params.x.pixel]);
    }
  }
  var counted = last - first;
  if (COUNT_PADDING) {
    counted.x = taps_before(params.padded.x, window.x, params.dilation.x, params.kernel.x);
    counted.y = taps_before(params.padded.y, window.y, params.dilation.y, params.kernel.y);
  }
  let mean = sum / max(f32(counted.x) * f32(counted.y), 1.0);
  y[params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block] = Vec4(mean);
}
