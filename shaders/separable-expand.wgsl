// Depthwise separable convolution and the 1×1 that reads its result, as the end of one inverted residual and the start of
// the next: one filter for each channel, a projection to few channels, an expansion to many.
//
//   h[n, i, j, c] = act₁(depthwise_bias[c] + Σ_{u,v} x[n, i·stride + u·dilation - padding, …, c] · depthwise[u, v, c])
//   y[n, i, j, o] = act₂(bias[o] + Σ_c h[n, i, j, c] · weight[c, o])   residual before or after act₂
//   z[n, i, j, e] = act₃(bias[O + e] + Σ_o y[n, i, j, o] · weight[C + o, e])
//
// x         [N, H, W, C/4] vec4      depthwise [KH, KW, C/4] vec4      depthwise_bias [C/4] vec4
// residual  [N, OH, OW, O/4] vec4    weight    [C/4, 4, O/4] vec4, then [O/4, 4, E/4]
// y         [N, OH, OW, O/4] vec4    bias      [O/4] vec4, then [E/4]
// z         [N, OH, OW, E/4] vec4    C/4 of h and weight is padded with zeros to a multiple of four,
//                                    hidden_blocks; O/4 of the second weight likewise, y_blocks
//
// The first three steps are those of separable-conv2d, but for one workgroup makes all channels of its TILES tiles, COLUMNS
// or fewer blocks of four. It keeps y in workgroup memory as well, behind the partial sums: [TILES, PIXELS, y_blocks]. In a
// fourth step its invocations share out the blocks of z: each makes one of a tile at a time, out of what lies there.
//
// In two launches z waits for all of y, though it needs one pixel of it, and what lies between costs more than the sums do.
// Here a workgroup reads the weights of all of z, which pays as long as it has enough pixels for them.

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
  hidden_blocks: u32, // in_blocks, rounded up to 4
  out_blocks: u32,    // ceil(O / 4)
  weight_blocks: u32, // as out_blocks
  out_channels: u32,
  residual_blocks: u32, // those that the residual lacks are zero
  y_blocks: u32,      // out_blocks, rounded up to 4
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
@group(0) @binding(3) var<storage, read> weight: array<Vec4>;
@group(0) @binding(4) var<storage, read> bias: array<Vec4>;
@group(0) @binding(5) var<storage, read> residual: array<Vec4>;
@group(0) @binding(6) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(7) var<storage, read_write> z: array<Vec4>;
@group(0) @binding(8) var<uniform> params: Params;

const PIXELS = 4u;
override COLUMNS: u32 = 8;
override TILES: u32 = 1;
override SLICES: u32 = 16;
override MEMORY: u32 = 1024;  // vec4s of workgroup memory
override STRIDE: u32 = 0;     // 1 or 2: WIDTH taps wide, without dilation, and moves by this along a row; 0: any window
override WIDTH: u32 = 3;      // or 5
override DEPTHWISE_ACTIVATION: u32 = 0;
override SLOPES: bool = false; // h passes through a PReLU as well, whose slopes lie behind depthwise_bias
override STORES_Y: bool = true; // others read it as well
override ACTIVATION: u32 = 0;
override Z_ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;   // 1: added before the activation, 2: after

override INVOCATIONS: u32 = COLUMNS * TILES * SLICES;
override PARTIAL_SUMS: u32 = INVOCATIONS * PIXELS;  // y lies behind them

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

// Four inputs to four of 4n outputs.
fn weights(at: u32, n: u32) -> mat4x4f {
  return mat4x4f(vec4f(weight[at]), vec4f(weight[at + n]), vec4f(weight[at + 2u * n]), vec4f(weight[at + 3u * n]));
}

fn multiply_add(sum: vec4f, v: vec4f, w: mat4x4f) -> vec4f {
  return sum + v.x * w[0] + v.y * w[1] + v.z * w[2] + v.w * w[3];
}

// Four blocks of inputs at once: with few workgroups a wave waits for its loads alone, and waits once for sixteen of them.
fn add_four(sum: vec4f, at: u32, w0: mat4x4f, w1: mat4x4f, w2: mat4x4f, w3: mat4x4f) -> vec4f {
  let half = multiply_add(multiply_add(sum, shared_sums[at], w0), shared_sums[at + 1u], w1);
  return multiply_add(multiply_add(half, shared_sums[at + 2u], w2), shared_sums[at + 3u], w3);
}

@compute @workgroup_size(COLUMNS, TILES, SLICES)
fn main(
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
  @builtin(workgroup_id) group: vec3u,
) {
  let hidden = params.hidden_blocks;
  let group_tile = group.y * TILES;
  for (var i = index; i < TILES * hidden; i += INVOCATIONS) {
    let t = i / hidden;
    filter_block(group_tile + t, i % hidden, t * PIXELS * hidden + i % hidden);
  }
  workgroupBarrier();

  let block = local.x;
  let slice = local.z;
  let n = params.out_blocks;
  // Invocations past the last block add up a copy of it: all must reach the barriers.
  let own_block = min(block, n - 1u);
  let first_hidden = local.y * PIXELS * hidden;
  var a0 = vec4f(0.0); var a1 = a0; var a2 = a0; var a3 = a0;
  for (var c = 4u * slice; c < hidden; c += 4u * SLICES) {
    let at = own_block + c * 4u * n;
    let h = first_hidden + c;
    let w0 = weights(at, n); let w1 = weights(at + 4u * n, n);
    let w2 = weights(at + 8u * n, n); let w3 = weights(at + 12u * n, n);
    a0 = add_four(a0, h, w0, w1, w2, w3);
    a1 = add_four(a1, h + hidden, w0, w1, w2, w3);
    a2 = add_four(a2, h + 2u * hidden, w0, w1, w2, w3);
    a3 = add_four(a3, h + 3u * hidden, w0, w1, w2, w3);
  }
  workgroupBarrier();
  let mine = ((slice * TILES + local.y) * COLUMNS + block) * PIXELS;
  shared_sums[mine] = a0; shared_sums[mine + 1u] = a1; shared_sums[mine + 2u] = a2; shared_sums[mine + 3u] = a3;
  workgroupBarrier();

  let place = place_of(group_tile + local.y);
  for (var p = slice; p < PIXELS; p += SLICES) {
    var v = vec4f(bias[own_block]);
    for (var s = 0u; s < SLICES; s++) { v += shared_sums[((s * TILES + local.y) * COLUMNS + own_block) * PIXELS + p]; }
    let column = min(place.column + p, params.out_width - 1u);
    let r = params.residual;
    let other = r.offset + place.image * r.image + place.row * r.row + column * r.pixel + block;
    let has_residual = block < params.residual_blocks;
    if (RESIDUAL == 1u && has_residual) { v += vec4f(residual[other]); }
    v = activate(ACTIVATION, v, params.alpha, params.beta);
    if (RESIDUAL == 2u && has_residual) { v += vec4f(residual[other]); }
    v = select(vec4f(0.0), v, block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.out_channels));
    if (block < params.y_blocks) { shared_sums[PARTIAL_SUMS + (local.y * PIXELS + p) * params.y_blocks + block] = v; }
    if (STORES_Y && block < n && is_inside(group_tile + local.y, place.column + p)) {
      let at = params.y.offset + place.image * params.y.image + place.row * params.y.row;
      y[at + (place.column + p) * params.y.pixel + block] = Vec4(v);
    }
  }
  workgroupBarrier();

  for (var i = index; i < TILES * params.z_blocks; i += INVOCATIONS) {
    expand_tile(group_tile, i / params.z_blocks, i % params.z_blocks);
  }
}

// Whether a pixel of a tile belongs to the image.
fn is_inside(tile: u32, column: u32) -> bool {
  let columns = (params.out_width + PIXELS - 1u) / PIXELS;
  return tile / columns < params.rows && column < params.out_width;
}

// One block of z for all pixels of a tile of the workgroup.
fn expand_tile(group_tile: u32, t: u32, block: u32) {
  let inner = params.y_blocks;
  let n = params.z_blocks;
  let first = PARTIAL_SUMS + t * PIXELS * inner;
  let weights_of_z = params.hidden_blocks * 4u * params.out_blocks;
  var a = vec4f(bias[params.out_blocks + block]); var b = a; var c = a; var d = a;
  for (var o = 0u; o < inner; o += 4u) {
    let at = weights_of_z + block + o * 4u * n;
    let p = first + o;
    let w0 = weights(at, n); let w1 = weights(at + 4u * n, n);
    let w2 = weights(at + 8u * n, n); let w3 = weights(at + 12u * n, n);
    a = add_four(a, p, w0, w1, w2, w3);
    b = add_four(b, p + inner, w0, w1, w2, w3);
    c = add_four(c, p + 2u * inner, w0, w1, w2, w3);
    d = add_four(d, p + 3u * inner, w0, w1, w2, w3);
  }
  let tile = group_tile + t;
  let place = place_of(tile);
  let at = params.z.offset + place.image * params.z.image + place.row * params.z.row + block;
  if (is_inside(tile, place.column)) { store(at + place.column * params.z.pixel, block, a); }
  if (is_inside(tile, place.column + 1u)) { store(at + (place.column + 1u) * params.z.pixel, block, b); }
  if (is_inside(tile, place.column + 2u)) { store(at + (place.column + 2u) * params.z.pixel, block, c); }
  if (is_inside(tile, place.column + 3u)) { store(at + (place.column + 3u) * params.z.pixel, block, d); }
}

fn store(at: u32, block: u32, sum: vec4f) {
  let v = activate(Z_ACTIVATION, sum, params.z_alpha, params.z_beta);
  z[at] = Vec4(select(vec4f(0.0), v, block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.z_channels)));
}
