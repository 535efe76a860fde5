// Winograd's convolution F(4×4, 3×3), first of three passes: each 6×6 patch of the input is transformed.
//
//   v = Bᵀ d B,   Bᵀ = 4  0 -5  0  1  0     (Lavin and Gray 2016, "Fast algorithms for convolutional neural networks", 4.2)
//                      0 -4 -4  1  1  0
//                      0  4 -4 -1  1  0
//                      0 -2 -1  2  1  0
//                      0  2 -1 -2  1  0
//                      0  4  0 -5  0  1
//
// x [N, H, W, C]    v [tiles, 36, C] float32    C is padded to a multiple of four
//
// Patches start four pixels apart and overlap by two; patch t makes the 4×4 outputs of tile t with 36 products, where
// F(2×2, 3×3) takes 64 and the definition 144. The price is numbers that cancel: see the host file.
// One invocation transforms one patch of one channel, all of it in named values: what a shader indexes by a variable,
// compilers keep in memory. Invocations along x are neighbouring channels.

alias Scalar = f32;
alias Line = array<f32, 6>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  in_height: i32,
  in_width: i32,
  in_blocks: u32,     // ceil(C / 4)
  tiles: u32,         // N · tile_rows · tile_columns
  tile_rows: u32,     // ceil(OH / 4)
  tile_columns: u32,  // ceil(OW / 4)
  padding: vec2<i32>, // top, left
}

@group(0) @binding(0) var<storage, read> x: array<Scalar>;
@group(0) @binding(1) var<storage, read_write> v: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_X: u32 = 8;
override WORKGROUP_Y: u32 = 8;

// A row or column of the picture: where it begins, or where the nearest does if it lies outside.
struct Place { at: u32, inside: bool }

fn place(index: i32, size: i32, step: u32) -> Place {
  let nearest = clamp(index, 0, size - 1);
  return Place(u32(nearest) * step, nearest == index);
}

fn load(start: u32, row: Place, column: Place) -> f32 {
  return select(0.0, f32(x[start + row.at + column.at]), row.inside & column.inside);
}

// Bᵀ times a column of six.
fn transform(d: Line) -> Line {
  let a = d[4] - 4.0 * d[2];
  let b = d[3] - 4.0 * d[1];
  let e = d[4] - d[2];
  let f = 2.0 * (d[3] - d[1]);
  return Line(4.0 * d[0] - 5.0 * d[2] + d[4], a + b, a - b, e + f, e - f, 4.0 * d[1] - 5.0 * d[3] + d[5]);
}

// A column of Bᵀ d.
fn load_column(start: u32, rows: array<Place, 6>, index: i32) -> Line {
  let column = place(index, params.in_width, params.x.pixel * 4u);
  return transform(Line(
    load(start, rows[0], column), load(start, rows[1], column), load(start, rows[2], column),
    load(start, rows[3], column), load(start, rows[4], column), load(start, rows[5], column)));
}

// Six of one row of v, `step` apart.
fn store(at: u32, step: u32, row: Line) {
  let line = transform(row);
  v[at] = line[0]; v[at + step] = line[1];
  v[at + 2u * step] = line[2]; v[at + 3u * step] = line[3];
  v[at + 4u * step] = line[4]; v[at + 5u * step] = line[5];
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  let c = gid.x;
  let tile = gid.y;
  let channels = params.in_blocks * 4u;
  if (c >= channels || tile >= params.tiles) { return; }
  let column = i32(tile % params.tile_columns * 4u) - params.padding.y;
  let row = i32(tile / params.tile_columns % params.tile_rows * 4u) - params.padding.x;
  let start = (params.x.offset + tile / params.tile_columns / params.tile_rows * params.x.image) * 4u + c;

  let height = params.in_height;
  let down = params.x.row * 4u;
  let rows = array<Place, 6>(
    place(row, height, down), place(row + 1, height, down), place(row + 2, height, down),
    place(row + 3, height, down), place(row + 4, height, down), place(row + 5, height, down));
  let s0 = load_column(start, rows, column); let s1 = load_column(start, rows, column + 1);
  let s2 = load_column(start, rows, column + 2); let s3 = load_column(start, rows, column + 3);
  let s4 = load_column(start, rows, column + 4); let s5 = load_column(start, rows, column + 5);

  let at = tile * 36u * channels + c;
  store(at, channels, Line(s0[0], s1[0], s2[0], s3[0], s4[0], s5[0]));
  store(at + 6u * channels, channels, Line(s0[1], s1[1], s2[1], s3[1], s4[1], s5[1]));
  store(at + 12u * channels, channels, Line(s0[2], s1[2], s2[2], s3[2], s4[2], s5[2]));
  store(at + 18u * channels, channels, Line(s0[3], s1[3], s2[3], s3[3], s4[3], s5[3]));
  store(at + 24u * channels, channels, Line(s0[4], s1[4], s2[4], s3[4], s4[4], s5[4]));
  store(at + 30u * channels, channels, Line(s0[5], s1[5], s2[5], s3[5], s4[5], s5[5]));
}
