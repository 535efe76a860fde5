// Depthwise separable convolution: one filter for each channel, then 1×1 over all channels. What lies between the two is
// never stored.
//
//   h[n, i, j, c] = act₁(depthwise_bias[c] + Σ_{u,v} x[n, i·stride + u·dilation - padding, …, c] · depthwise[u, v, c]
//                        + addend[n, i, j, c])
//   y[n, i, j, o] = act₂(bias[o] + Σ_c h[n, i, j, c] · weight[c, o])   residual before or after act₂
//
// x         [N, H, W, C/4] vec4      depthwise [KH, KW, C/4] vec4      depthwise_bias [C/4] vec4
// residual  [N, OH, OW, O/4] vec4    weight    [C/4, 4, O/4] vec4      bias           [O/4] vec4
// y         [N, OH, OW, O/4] vec4    C/4 of h and weight is padded with zeros to an even number, hidden_blocks
//
// A tile is PIXELS neighbouring pixels of a row. A workgroup makes TILES tiles × COLUMNS blocks of four output channels, in
// three steps with a barrier after each. First its invocations share out the blocks of h, which lies in workgroup memory:
// [TILES, PIXELS, hidden_blocks]. Then they share out the sums over c, as in conv2d-split: invocation (b, t, s) adds up every
// SLICES-th pair of blocks of h for tile t and output block b. Last they add up these partial sums, which take
// the place of h: [SLICES, TILES, COLUMNS, PIXELS].
//
// In two launches h is written to memory and read again, though it has two to six times the channels of y in inverted
// residuals. Here each workgroup along x computes h anew, which pays as long as y has few channels.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  residual: View,
  addend: View,
  y: View,
  in_height: i32,
  in_width: i32,
  out_height: u32,
  out_width: u32,
  rows: u32,          // N · OH
  in_blocks: u32,     // ceil(C / 4)
  hidden_blocks: u32, // in_blocks, rounded up to 2
  out_blocks: u32,    // ceil(O / 4)
  weight_blocks: u32, // as out_blocks
  out_channels: u32,
  residual_blocks: u32, // those that the residual lacks are zero
  kernel: vec2<u32>,  // height, width
  stride: vec2<i32>,
  dilation: vec2<i32>,
  padding: vec2<i32>, // top, left
  depthwise_alpha: f32,
  depthwise_beta: f32,
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read> depthwise: array<Vec4>;
@group(0) @binding(2) var<storage, read> depthwise_bias: array<Vec4>;
@group(0) @binding(3) var<storage, read> weight: array<Vec4>;
@group(0) @binding(4) var<storage, read> bias: array<Vec4>;
@group(0) @binding(5) var<storage, read> residual: array<Vec4>;
@group(0) @binding(6) var<storage, read> addend: array<Vec4>;
@group(0) @binding(7) var<storage, read_write> y: array<Vec4>;
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
override ADDEND: bool = false; // added to h before its activation
override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;   // 1: added before the activation, 2: after

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
fn hidden_block(tile: u32, block: u32, slot: u32) {
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
  if (ADDEND) {
    let s = params.addend;
    let p = s.offset + place.image * s.image + place.row * s.row + place.column * s.pixel + channel;
    let last = (params.out_width - 1u - place.column) * s.pixel;
    a += vec4f(addend[p]); b += vec4f(addend[p + min(s.pixel, last)]);
    c += vec4f(addend[p + min(2u * s.pixel, last)]); d += vec4f(addend[p + min(3u * s.pixel, last)]);
  }
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

// Four inputs to four outputs.
fn weights(at: u32) -> mat4x4f {
  let n = params.weight_blocks;
  return mat4x4f(vec4f(weight[at]), vec4f(weight[at + n]), vec4f(weight[at + 2u * n]), vec4f(weight[at + 3u * n]));
}

fn multiply_add(sum: vec4f, v: vec4f, w: mat4x4f) -> vec4f {
  return sum + v.x * w[0] + v.y * w[1] + v.z * w[2] + v.w * w[3];
}

@compute @workgroup_size(COLUMNS, TILES, SLICES)
fn main(
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
  @builtin(workgroup_id) group: vec3u,
) {
  let hidden = params.hidden_blocks;
  for (var i = index; i < TILES * hidden; i += COLUMNS * TILES * SLICES) {
    let t = i / hidden;
    hidden_block(group.y * TILES + t, i % hidden, t * PIXELS * hidden + i % hidden);
  }
  workgroupBarrier();

  let block = group.x * COLUMNS + local.x;
  let slice = local.z;
  let channel_step = 4u * params.weight_blocks;
  // Invocations past the last block add up a copy of it: all must reach the barriers.
  let first_weight = min(block, params.out_blocks - 1u);
  let first_hidden = local.y * PIXELS * hidden;
  var a0 = vec4f(0.0); var a1 = a0; var a2 = a0; var a3 = a0;
  for (var c = 2u * slice; c < hidden; c += 2u * SLICES) {
    let at = first_weight + c * channel_step;
    let h = first_hidden + c;
    let w = weights(at); let z = weights(at + channel_step);
    a0 = multiply_add(multiply_add(a0, shared_sums[h], w), shared_sums[h + 1u], z);
    a1 = multiply_add(multiply_add(a1, shared_sums[h + hidden], w), shared_sums[h + hidden + 1u], z);
    a2 = multiply_add(multiply_add(a2, shared_sums[h + 2u * hidden], w), shared_sums[h + 2u * hidden + 1u], z);
    a3 = multiply_add(multiply_add(a3, shared_sums[h + 3u * hidden], w), shared_sums[h + 3u * hidden + 1u], z);
  }
  workgroupBarrier();
  let mine = ((slice * TILES + local.y) * COLUMNS + local.x) * PIXELS;
  shared_sums[mine] = a0; shared_sums[mine + 1u] = a1; shared_sums[mine + 2u] = a2; shared_sums[mine + 3u] = a3;
  workgroupBarrier();

  let columns = (params.out_width + PIXELS - 1u) / PIXELS;
  let tile = group.y * TILES + local.y;
  if (block >= params.out_blocks || tile / columns >= params.rows) { return; }
  let place = place_of(tile);
  let pixels = min(PIXELS, params.out_width - place.column);
  for (var p = slice; p < pixels; p += SLICES) {
    var v = vec4f(bias[block]);
    for (var s = 0u; s < SLICES; s++) { v += shared_sums[((s * TILES + local.y) * COLUMNS + local.x) * PIXELS + p]; }
    let r = params.residual;
    let other = r.offset + place.image * r.image + place.row * r.row + (place.column + p) * r.pixel + block;
    let has_residual = block < params.residual_blocks;
    if (RESIDUAL == 1u && has_residual) { v += vec4f(residual[other]); }
    v = activate(ACTIVATION, v, params.alpha, params.beta);
    if (RESIDUAL == 2u && has_residual) { v += vec4f(residual[other]); }
    v = select(vec4f(0.0), v, block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.out_channels));
    let at = params.y.offset + place.image * params.y.image + place.row * params.y.row;
    y[at + (place.column + p) * params.y.pixel + block] = Vec4(v);
  }
}
