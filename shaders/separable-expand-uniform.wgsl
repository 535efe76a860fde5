// A depthwise separable convolution and the 1×1 that reads its result, for GPUs that load what a whole subgroup shares once.
// It is to separable-expand what separable-conv2d-uniform is to separable-conv2d.
//
//   h[n, i, j, c] = act₁(depthwise_bias[c] + Σ_{u,v} x[n, i·stride + u·dilation - padding, …, c] · depthwise[u, v, c])
//   y[n, i, j, o] = act₂(bias[o] + Σ_c h[n, i, j, c] · weight[c, o])   residual before or after act₂
//   z[n, i, j, e] = act₃(bias[O + e] + Σ_o y[n, i, j, o] · weight[C + o, e])
//
// x         [N, H, W, C/4] vec4      depthwise [KH, KW, C/4] vec4      depthwise_bias [C/4] vec4
// residual  [N, OH, OW, O/4] vec4    weight    [C/4, O/4] mat4x4, then [O/4, E/4]
// y         [N, OH, OW, O/4] vec4    bias      [O/4] vec4, then [E/4]
// z         [N, OH, OW, E/4] vec4    C/4 of h and weight is padded with zeros to an even number, hidden_blocks; O/4 of the
//                                    second weight likewise, y_blocks; O/4 and E/4 behind these to multiples of BLOCKS
//
// The first three steps are those of separable-conv2d-uniform, but for one workgroup makes all channels of its pixels, and
// an invocation those of EACH sets for one load of weights. The workgroup keeps y in its memory as well, behind the partial
// sums: [SETS, LANES, y_blocks]. In a fourth step its subgroups share out the sets and the blocks of z: each makes BLOCKS of
// them at a time for the pixels of EACH sets.

enable subgroups;

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  residual: View,
  y: View,
  z: View,
  in_height: i32,
  in_width: i32,
  out_height: u32,
  out_width: u32,
  rows: u32,          // N · OH
  in_blocks: u32,     // ceil(C / 4)
  hidden_blocks: u32, // in_blocks, rounded up to 2
  out_blocks: u32,    // ceil(O / 4)
  weight_blocks: u32, // out_blocks, rounded up to BLOCKS
  out_channels: u32,
  residual_blocks: u32, // those that the residual lacks are zero
  y_blocks: u32,      // out_blocks, rounded up to 2
  z_blocks: u32,      // ceil(E / 4)
  z_channels: u32,
  kernel: vec2<u32>,  // height, width
  stride: vec2<i32>,
  dilation: vec2<i32>,
  padding: vec2<i32>, // top, left
  depthwise_alpha: f32,
  depthwise_beta: f32,
  alpha: f32,
  beta: f32,
  z_alpha: f32,
  z_beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read> depthwise: array<Vec4>;
@group(0) @binding(2) var<storage, read> depthwise_bias: array<Vec4>;
@group(0) @binding(3) var<storage, read> weight: array<mat4x4<Scalar>>;
@group(0) @binding(4) var<storage, read> bias: array<Vec4>;
@group(0) @binding(5) var<storage, read> residual: array<Vec4>;
@group(0) @binding(6) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(7) var<storage, read_write> z: array<Vec4>;
@group(0) @binding(8) var<uniform> params: Params;

const PIXELS = 4u;
const BLOCKS = 4u;
override LANES: u32 = 8;
override TILES: u32 = 2;      // of BLOCKS output blocks
override SLICES: u32 = 8;
override EACH: u32 = 1;       // pixels of an invocation, 1 or 2: a load of weights serves them all
override LINES: u32 = 8;      // SLICES · SETS / EACH
override MEMORY: u32 = 1024;  // vec4s of workgroup memory
override STRIDE: u32 = 0;     // 1 or 2: WIDTH taps wide, without dilation, and moves by this along a row; 0: any window
override WIDTH: u32 = 3;      // or 5
override DEPTHWISE_ACTIVATION: u32 = 0;
override SLOPES: bool = false; // h passes through a PReLU as well, whose slopes lie behind depthwise_bias
override STORES_Y: bool = true; // others read it as well
override ACTIVATION: u32 = 0;
override Z_ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;   // 1: added before the activation, 2: after

override SETS: u32 = LINES / SLICES * EACH;
override SUBGROUPS: u32 = TILES * LINES;
override PARTIAL_SUMS: u32 = SUBGROUPS * LANES * BLOCKS * EACH;  // y lies behind them

var<workgroup> shared_sums: array<vec4f, MEMORY>;

// Not every platform's exp and clamp keep NaN. A test of the bits: compilers may assume that there is none.
fn keep_nan(v: vec4f, y: vec4f) -> vec4f {
  return select(y, v, (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u));
}

fn activate(kind: u32, v: vec4f, alpha: f32, beta: f32) -> vec4f {
  let a = vec4f(alpha); let b = vec4f(beta);
  switch (kind) {
    case 1u: { return select(select(v, a, v < a), b, v > b); }             // relu, relu6, clip
    case 2u: { return select(v, a * v, v < vec4f(0.0)); }                  // leaky-relu
    case 3u: { return keep_nan(v, 1.0 / (1.0 + exp(-v))); }                // sigmoid
    case 4u: { return keep_nan(v, v / (1.0 + exp(-a * v))); }              // silu
    case 5u: { return keep_nan(v, clamp(a * v + b, vec4f(0.0), vec4f(1.0))); }  // hard-sigmoid
    case 6u: { return keep_nan(v, v * clamp(v / 6.0 + 0.5, vec4f(0.0), vec4f(1.0))); }  // hard-swish
    case 7u: { return keep_nan(v, tanh(clamp(v, vec4f(-15.0), vec4f(15.0)))); }  // tanh
    default: { return v; }
  }
}

// Where a tile begins. Tiles past the last row are copies of one in it.
struct TilePlace { image: u32, row: u32, column: u32 }
fn place_of(tile: u32) -> TilePlace {
  let columns = (params.out_width + PIXELS - 1u) / PIXELS;
  let line = min(tile / columns, params.rows - 1u);
  return TilePlace(line / params.out_height, line % params.out_height, tile % columns * PIXELS);
}

// Where a column lies in a row of x, in vec4s. Columns outside lie at one inside, and count as zero.
fn offset_of(column: i32) -> u32 { return u32(clamp(column, 0, params.in_width - 1)) * params.x.pixel; }
fn has_column(column: i32) -> bool { return column >= 0 && column < params.in_width; }
fn load(at: u32, inside: bool) -> vec4f { return select(vec4f(0.0), vec4f(x[at]), inside); }
fn load_at(row_start: u32, column: i32) -> vec4f { return load(row_start + offset_of(column), has_column(column)); }

// One block of h for all pixels of a tile, to `slot` and every hidden_blocks-th behind it.
fn filter_block(tile: u32, block: u32, slot: u32) {
  let place = place_of(tile);
  let channel = min(block, params.in_blocks - 1u);
  let step = params.stride.y;
  let left = i32(place.column) * step - params.padding.y;
  let blocks = params.in_blocks;
  var a = vec4f(depthwise_bias[channel]); var b = a; var c = a; var d = a;
  for (var u = 0u; u < params.kernel.x; u++) {
    let in_row = i32(place.row) * params.stride.x + i32(u) * params.dilation.x - params.padding.x;
    if (in_row < 0 || in_row >= params.in_height) { continue; }
    let start = params.x.offset + place.image * params.x.image + u32(in_row) * params.x.row + channel;
    let at = u * params.kernel.y * blocks + channel;
    if (STRIDE == 0u) {
      for (var v = 0u; v < params.kernel.y; v++) {
        let j = left + i32(v) * params.dilation.y;
        let w = vec4f(depthwise[at + v * blocks]);
        a += w * load_at(start, j);
        b += w * load_at(start, j + step);
        c += w * load_at(start, j + 2 * step);
        d += w * load_at(start, j + 3 * step);
      }
    } else {
      let w0 = vec4f(depthwise[at]); let w1 = vec4f(depthwise[at + blocks]); let w2 = vec4f(depthwise[at + 2u * blocks]);
      let x0 = load_at(start, left); let x1 = load_at(start, left + 1); let x2 = load_at(start, left + 2);
      let x3 = load_at(start, left + 3); let x4 = load_at(start, left + 4); let x5 = load_at(start, left + 5);
      // One chain of sums for each pixel: compilers make a multiply-add of each link.
      a = a + w0 * x0 + w1 * x1 + w2 * x2;
      if (STRIDE == 1u) {
        b = b + w0 * x1 + w1 * x2 + w2 * x3;
        c = c + w0 * x2 + w1 * x3 + w2 * x4;
        d = d + w0 * x3 + w1 * x4 + w2 * x5;
        if (WIDTH == 5u) {
          let w3 = vec4f(depthwise[at + 3u * blocks]); let w4 = vec4f(depthwise[at + 4u * blocks]);
          let x6 = load_at(start, left + 6); let x7 = load_at(start, left + 7);
          a = a + w3 * x3 + w4 * x4;
          b = b + w3 * x4 + w4 * x5;
          c = c + w3 * x5 + w4 * x6;
          d = d + w3 * x6 + w4 * x7;
        }
      } else {
        let x6 = load_at(start, left + 6); let x7 = load_at(start, left + 7); let x8 = load_at(start, left + 8);
        b = b + w0 * x2 + w1 * x3 + w2 * x4;
        c = c + w0 * x4 + w1 * x5 + w2 * x6;
        d = d + w0 * x6 + w1 * x7 + w2 * x8;
        if (WIDTH == 5u) {
          let w3 = vec4f(depthwise[at + 3u * blocks]); let w4 = vec4f(depthwise[at + 4u * blocks]);
          let x9 = load_at(start, left + 9); let x10 = load_at(start, left + 10);
          a = a + w3 * x3 + w4 * x4;
          b = b + w3 * x5 + w4 * x6;
          c = c + w3 * x7 + w4 * x8;
          d = d + w3 * x9 + w4 * x10;
        }
      }
    }
  }
  let n = params.hidden_blocks;
  let inside = block < blocks;
  var slopes = vec4f(1.0);
  if (SLOPES) { slopes = vec4f(depthwise_bias[blocks + channel]); }
  keep(slot, a, slopes, inside); keep(slot + n, b, slopes, inside);
  keep(slot + 2u * n, c, slopes, inside); keep(slot + 3u * n, d, slopes, inside);
}

// What the padding of h holds must be finite, as its weights are zero.
fn keep(slot: u32, sum: vec4f, slopes: vec4f, inside: bool) {
  var v = activate(DEPTHWISE_ACTIVATION, sum, params.depthwise_alpha, params.depthwise_beta);
  if (SLOPES) { v = select(v, v * slopes, v < vec4f(0.0)); }
  shared_sums[slot] = select(vec4f(0.0), v, inside);
}

@compute @workgroup_size(LANES, TILES, LINES)
fn main(
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
  @builtin(workgroup_id) group: vec3u,
) {
  let hidden = params.hidden_blocks;
  let first_tile = group.y * SETS * (LANES / PIXELS);
  for (var i = index; i < SETS * (LANES / PIXELS) * hidden; i += LANES * SUBGROUPS) {
    let t = i / hidden;
    filter_block(first_tile + t, i % hidden, t * PIXELS * hidden + i % hidden);
  }
  workgroupBarrier();

  let line = subgroupBroadcastFirst(local.z);
  let slice = line % SLICES;
  let block = subgroupBroadcastFirst(local.y) * BLOCKS;
  // Channel tiles past the last are copies of it: all must reach the barriers.
  let first_weight = min(block, params.weight_blocks - BLOCKS);
  let pixel = local.z / SLICES * EACH * LANES + local.x;
  let first_hidden = pixel * hidden;
  let other_hidden = first_hidden + LANES * hidden;
  var a0 = vec4f(0.0); var a1 = a0; var a2 = a0; var a3 = a0;
  var b0 = vec4f(0.0); var b1 = b0; var b2 = b0; var b3 = b0;
  for (var c = 2u * slice; c < hidden; c += 2u * SLICES) {
    let p = shared_sums[first_hidden + c];
    let q = shared_sums[first_hidden + c + 1u];
    let w = c * params.weight_blocks + first_weight;
    let next = w + params.weight_blocks;
    let w0 = mat4x4f(weight[w]); let w1 = mat4x4f(weight[w + 1u]); let w2 = mat4x4f(weight[w + 2u]); let w3 = mat4x4f(weight[w + 3u]);
    let v0 = mat4x4f(weight[next]); let v1 = mat4x4f(weight[next + 1u]); let v2 = mat4x4f(weight[next + 2u]); let v3 = mat4x4f(weight[next + 3u]);
    a0 += w0 * p; a1 += w1 * p; a2 += w2 * p; a3 += w3 * p;
    a0 += v0 * q; a1 += v1 * q; a2 += v2 * q; a3 += v3 * q;
    if (EACH == 2u) {
      let r = shared_sums[other_hidden + c];
      let s = shared_sums[other_hidden + c + 1u];
      b0 += w0 * r; b1 += w1 * r; b2 += w2 * r; b3 += w3 * r;
      b0 += v0 * s; b1 += v1 * s; b2 += v2 * s; b3 += v3 * s;
    }
  }
  workgroupBarrier();
  let mine = ((slice * TILES + local.y) * SETS * LANES + pixel) * BLOCKS;
  shared_sums[mine] = a0; shared_sums[mine + 1u] = a1; shared_sums[mine + 2u] = a2; shared_sums[mine + 3u] = a3;
  if (EACH == 2u) {
    let of_other = mine + LANES * BLOCKS;
    shared_sums[of_other] = b0;      shared_sums[of_other + 1u] = b1;
    shared_sums[of_other + 2u] = b2; shared_sums[of_other + 3u] = b3;
  }
  workgroupBarrier();

  for (var i = slice; i < EACH * BLOCKS; i += SLICES) { finish(first_tile, pixel + i / BLOCKS * LANES, local.y, block, i % BLOCKS); }
  workgroupBarrier();

  let tiles = z_tiles();
  for (var i = line * TILES + subgroupBroadcastFirst(local.y); i < SETS / EACH * tiles; i += SUBGROUPS) {
    expand_pixels(first_tile, i / tiles * EACH * LANES + local.x, i % tiles * BLOCKS);
  }
}

// Adds up what the slices have for one block of a channel tile and a pixel of the workgroup.
fn finish(first_tile: u32, pixel: u32, channel_tile: u32, first_block: u32, b: u32) {
  let block = first_block + b;
  if (block >= params.y_blocks) { return; }
  let own = pixel_of(first_tile, pixel);
  var v = vec4f(bias[block]);
  for (var s = 0u; s < SLICES; s++) { v += shared_sums[((s * TILES + channel_tile) * SETS * LANES + pixel) * BLOCKS + b]; }
  let r = params.residual;
  let other = r.offset + own.image * r.image + own.row * r.row + own.column * r.pixel + block;
  let has_residual = own.is_inside && block < params.residual_blocks;
  if (RESIDUAL == 1u && has_residual) { v += vec4f(residual[other]); }
  v = activate(ACTIVATION, v, params.alpha, params.beta);
  if (RESIDUAL == 2u && has_residual) { v += vec4f(residual[other]); }
  v = select(vec4f(0.0), v, block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.out_channels));
  shared_sums[PARTIAL_SUMS + pixel * params.y_blocks + block] = v;
  if (STORES_Y && own.is_inside && block < params.out_blocks) {
    y[params.y.offset + own.image * params.y.image + own.row * params.y.row + own.column * params.y.pixel + block] = Vec4(v);
  }
}

struct Pixel { image: u32, row: u32, column: u32, is_inside: bool }
fn pixel_of(first_tile: u32, pixel: u32) -> Pixel {
  let tile = first_tile + pixel / PIXELS;
  let place = place_of(tile);
  let column = place.column + pixel % PIXELS;
  let columns = (params.out_width + PIXELS - 1u) / PIXELS;
  return Pixel(place.image, place.row, column, tile / columns < params.rows && column < params.out_width);
}

fn z_tiles() -> u32 { return (params.z_blocks + BLOCKS - 1u) / BLOCKS; }

// BLOCKS blocks of z for EACH pixels of the workgroup.
fn expand_pixels(first_tile: u32, pixel: u32, block: u32) {
  let first = PARTIAL_SUMS + pixel * params.y_blocks;
  let other = first + LANES * params.y_blocks;
  let n = z_tiles() * BLOCKS;
  let weights_of_z = params.hidden_blocks * params.weight_blocks;
  let start = params.weight_blocks + block;
  var a0 = vec4f(bias[start]); var a1 = vec4f(bias[start + 1u]); var a2 = vec4f(bias[start + 2u]); var a3 = vec4f(bias[start + 3u]);
  var b0 = a0; var b1 = a1; var b2 = a2; var b3 = a3;
  for (var o = 0u; o < params.y_blocks; o += 2u) {
    let p = shared_sums[first + o];
    let q = shared_sums[first + o + 1u];
    let w = weights_of_z + o * n + block;
    let next = w + n;
    let w0 = mat4x4f(weight[w]); let w1 = mat4x4f(weight[w + 1u]); let w2 = mat4x4f(weight[w + 2u]); let w3 = mat4x4f(weight[w + 3u]);
    let v0 = mat4x4f(weight[next]); let v1 = mat4x4f(weight[next + 1u]); let v2 = mat4x4f(weight[next + 2u]); let v3 = mat4x4f(weight[next + 3u]);
    a0 += w0 * p; a1 += w1 * p; a2 += w2 * p; a3 += w3 * p;
    a0 += v0 * q; a1 += v1 * q; a2 += v2 * q; a3 += v3 * q;
    if (EACH == 2u) {
      let r = shared_sums[other + o];
      let s = shared_sums[other + o + 1u];
      b0 += w0 * r; b1 += w1 * r; b2 += w2 * r; b3 += w3 * r;
      b0 += v0 * s; b1 += v1 * s; b2 += v2 * s; b3 += v3 * s;
    }
  }
  store_pixel(pixel_of(first_tile, pixel), block, a0, a1, a2, a3);
  if (EACH == 2u) { store_pixel(pixel_of(first_tile, pixel + LANES), block, b0, b1, b2, b3); }
}

fn store_pixel(own: Pixel, block: u32, v0: vec4f, v1: vec4f, v2: vec4f, v3: vec4f) {
  if (!own.is_inside) { return; }
  let at = params.z.offset + own.image * params.z.image + own.row * params.z.row + own.column * params.z.pixel;
  store(at, block, v0); store(at, block + 1u, v1); store(at, block + 2u, v2); store(at, block + 3u, v3);
}

fn store(pixel: u32, block: u32, sum: vec4f) {
  if (block >= params.z_blocks) { return; }
  let v = activate(Z_ACTIVATION, sum, params.z_alpha, params.z_beta);
  z[pixel + block] = Vec4(select(vec4f(0.0), v, block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.z_channels)));
}
