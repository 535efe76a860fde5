// Resizes a picture: each output pixel is a weighted sum of TAPS × TAPS input pixels around its source coordinate.
//
//   y[n, i, j, c] = Σ_{u,v} wr[i, u] · wc[j, v] · x[n, r[i, u], k[j, v], c]
//
// x     [N, H, W, C/4] vec4
// taps  [OH + OW, 2, TAPS] int32: for each output row, then for each output column, the source indices r or k (clamped
//       to the picture) and the bits of their float32 weights wr or wc
// y     [N, OH, OW, C/4] vec4
//
// TAPS is 1 for nearest, 2 for linear, 4 for cubic. Where an output pixel comes from depends on its row and column
// alone, so the host works it out once, exactly, for every way of counting coordinates; a division in the shader may
// err by a few units in the last place, which is enough to fall on the wrong side of a pixel's edge.
//
// One invocation makes four channels of one output pixel; the grid is one row of y high, so that the row's taps are
// the same for a whole workgroup and only the column takes a division.

alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  y: View,
  rows: u32,  // of all output images
  out_height: u32,
  out_width: u32,
  blocks: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read> taps: array<i32>;
@group(0) @binding(2) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(3) var<uniform> params: Params;

override TAPS: u32 = 2;
override WORKGROUP: u32 = 64;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let column = gid.x / params.blocks;
  let line = gid.y + gid.z * groups.y;
  if (column >= params.out_width || line >= params.rows) { return; }
  let block = gid.x % params.blocks;
  let row = line % params.out_height;
  let image = line / params.out_height;

  let start = params.x.offset + image * params.x.image + block;
  let to = params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block;
  let row_taps = row * 2u * TAPS;
  let column_taps = (params.out_height + column) * 2u * TAPS;
  if (TAPS == 1u) {
    y[to] = x[start + u32(taps[row_taps]) * params.x.row + u32(taps[column_taps]) * params.x.pixel];
    return;
  }
  if (TAPS == 2u) {
    // Written out, as most pictures are resized like this, and loops cost more than what is in them where a CPU computes.
    let rows = start + params.x.row * vec2u(u32(taps[row_taps]), u32(taps[row_taps + 1u]));
    let columns = params.x.pixel * vec2u(u32(taps[column_taps]), u32(taps[column_taps + 1u]));
    let left = bitcast<f32>(taps[column_taps + 2u]);
    let right = bitcast<f32>(taps[column_taps + 3u]);
    let upper = left * vec4f(x[rows.x + columns.x]) + right * vec4f(x[rows.x + columns.y]);
    let lower = left * vec4f(x[rows.y + columns.x]) + right * vec4f(x[rows.y + columns.y]);
    y[to] = Vec4(bitcast<f32>(taps[row_taps + 2u]) * upper + bitcast<f32>(taps[row_taps + 3u]) * lower);
    return;
  }
  var sum = vec4f(0.0);
  for (var u = 0u; u < TAPS; u++) {
    let in_row = start + u32(taps[row_taps + u]) * params.x.row;
    var row_sum = vec4f(0.0);
    for (var v = 0u; v < TAPS; v++) {
      let weight = bitcast<f32>(taps[column_taps + TAPS + v]);
      row_sum += weight * vec4f(x[in_row + u32(taps[column_taps + v]) * params.x.pixel]);
    }
    sum += bitcast<f32>(taps[row_taps + TAPS + u]) * row_sum;
  }
  y[to] = Vec4(sum);
}
