// Winograd's convolution F(2×2, 3×3), first of three passes: each 4×4 patch of the input is transformed.
//
//   v = Bᵀ d B,   Bᵀ = 1  0 -1  0     (Lavin and Gray 2016, "Fast algorithms for convolutional neural networks", 4.1)
//                      0  1  1  0
//                      0 -1  1  0
//                      0  1  0 -1
//
// x [N, H, W, C/4] vec4    v [tiles, 16, C/4] vec4, always float32
//
// Patches start two pixels apart and overlap by two; patch t makes the 2×2 outputs of tile t. In the transformed space
// convolution is 16 independent products instead of 36 multiplications per 2×2 outputs: the second pass.
// One invocation transforms one patch of four channels: 16 loads, 32 additions, 16 stores. Invocations along x are
// neighbouring channels, so that all of these are coalesced.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  in_height: i32,
  in_width: i32,
  in_blocks: u32,     // ceil(C / 4)
  tiles: u32,         // N · tile_rows · tile_columns
  tile_rows: u32,     // ceil(OH / 2)
  tile_columns: u32,  // ceil(OW / 2)
  padding: vec2<i32>, // top, left
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_X: u32 = 8;
override WORKGROUP_Y: u32 = 8;

fn pixel_at(image: u32, row: i32, column: i32, c: u32) -> vec4f {
  let r = clamp(row, 0, params.in_height - 1);
  let s = clamp(column, 0, params.in_width - 1);
  let value = vec4f(x[params.x.offset + image * params.x.image + u32(r) * params.x.row + u32(s) * params.x.pixel + c]);
  return select(vec4f(0.0), value, r == row && s == column);
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  let c = gid.x;
  let tile = gid.y;
  if (c >= params.in_blocks || tile >= params.tiles) { return; }
  let column = i32(tile % params.tile_columns * 2u) - params.padding.y;
  let row = i32(tile / params.tile_columns % params.tile_rows * 2u) - params.padding.x;
  let image = tile / params.tile_columns / params.tile_rows;

  // One column of the patch after the other: Bᵀ d, four rows each.
  var d: array<mat4x4f, 4>;
  for (var s = 0; s < 4; s++) {
    let d0 = pixel_at(image, row, column + s, c);
    let d1 = pixel_at(image, row + 1, column + s, c);
    let d2 = pixel_at(image, row + 2, column + s, c);
    let d3 = pixel_at(image, row + 3, column + s, c);
    d[s] = mat4x4f(d0 - d2, d1 + d2, d2 - d1, d1 - d3);
  }
  // Then the rows: (Bᵀ d) B.
  let step = params.in_blocks;
  let to = tile * 16u * step + c;
  for (var r = 0; r < 4; r++) {
    let at = to + u32(r) * 4u * step;
    v[at] = d[0][r] - d[2][r];
    v[at + step] = d[1][r] + d[2][r];
    v[at + 2u * step] = d[2][r] - d[1][r];
    v[at + 3u * step] = d[1][r] - d[3][r];
  }
}
