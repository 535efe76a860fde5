// Max pooling: the greatest pixel under a sliding window.
//
//   y[n, i, j, c] = max_{u,v} x[n, i·stride + u·dilation - padding, j·stride + v·dilation - padding, c]
//
// x  [N, H, W, C/4] vec4     y  [N, OH, OW, C/4] vec4
//
// Padding never wins: the maximum starts at -Infinity, and taps outside the picture are skipped. NaN wins over every
// number. One invocation makes four channels of one output pixel; neighbours in x are neighbouring channels, then
// neighbouring pixels, so that a workgroup reads runs of memory. Overlapping windows read a pixel up to K² times, but
// from the cache: there is too little arithmetic for workgroup memory to pay. The grid is one row of y high, so that
// row and image are the same for a whole workgroup and only the column takes a division.

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
  lowest: f32,        // -Infinity, which WGSL cannot spell
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(2) var<uniform> params: Params;

override SQUARE: u32 = 0;  // 2 or 3: the kernel is so wide and high, without dilation; 0: any
override WORKGROUP: u32 = 64;

// A test of the bits: compilers may assume that there is no NaN.
fn is_nan(v: vec4f) -> vec4<bool> { return (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u); }

fn greater(a: vec4f, b: vec4f) -> vec4f { return select(b, a, is_nan(a) | (a > b)); }

// The greatest of a square window's taps, all loaded at once. A tap outside the picture counts as the one next to it, which
// is in the window too: what it is compared with twice does not change a maximum.
fn greatest_of_square(start: u32, window: vec2i) -> vec4f {
  let most = vec2i(i32(params.in_height), i32(params.in_width)) - 1;
  if (any(window > most) || any(window + i32(SQUARE) <= vec2i(0))) { return vec4f(params.lowest); }
  let steps = vec2u(params.x.row, params.x.pixel);
  let a = vec2u(clamp(window, vec2i(0), most)) * steps;
  let b = vec2u(clamp(window + 1, vec2i(0), most)) * steps;
  let c = vec2u(clamp(window + 2, vec2i(0), most)) * steps;
  let rows = start + vec3u(a.x, b.x, c.x);
  var x0 = vec4f(x[rows.x + a.y]); let x1 = vec4f(x[rows.x + b.y]);
  let x2 = vec4f(x[rows.y + a.y]); let x3 = vec4f(x[rows.y + b.y]);
  if (SQUARE == 3u) {
    let x4 = vec4f(x[rows.x + c.y]); let x5 = vec4f(x[rows.y + c.y]);
    let x6 = vec4f(x[rows.z + a.y]); let x7 = vec4f(x[rows.z + b.y]); let x8 = vec4f(x[rows.z + c.y]);
    x0 = greater(x0, greater(greater(greater(x4, x5), greater(x6, x7)), x8));
  }
  return greater(greater(x0, x1), greater(x2, x3));
}

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
  let window = vec2i(i32(row), i32(column)) * params.stride - params.padding;
  var greatest = vec4f(params.lowest);
  if (SQUARE > 0u) {
    greatest = greatest_of_square(start, window);
  } else {
    // Only taps within the picture are walked: a file may ask for billions around it.
    let first = vec2u(
      taps_before(0, window.x, params.dilation.x, params.kernel.x),
      taps_before(0, window.y, params.dilation.y, params.kernel.y),
    );
    let last = vec2u(
      taps_before(i32(params.in_height), window.x, params.dilation.x, params.kernel.x),
      taps_before(i32(params.in_width), window.y, params.dilation.y, params.kernel.y),
    );
    for (var u = first.x; u < last.x; u++) {
      let in_row = window.x + i32(u) * params.dilation.x;
      for (var v = first.y; v < last.y; v++) {
        let in_column = window.y + i32(v) * params.dilation.y;
        greatest = greater(greatest, vec4f(x[start + u32(in_row) * params.x.row + u32(in_column) * params.x.pixel]));
      }
    }
  }

  // A window of nothing but padding leaves -Infinity in the padding lanes too.
  let lanes = block * 4u + vec4u(0u, 1u, 2u, 3u);
  greatest = select(vec4f(0.0), greatest, lanes < vec4u(params.channels));
  y[params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block] = Vec4(greatest);
}
