// Convolution of any window over few pixels and many channels, the sum over the input channels shared out within a workgroup.
//
//   y[n, i, j, o] = act(bias[o] + Σ_{u,v,c} x[n, i·stride + u·dilation - padding, …, c] · weight[u, v, c, o])
//
// x         [N, H, W, C/4] vec4      weight [KH, KW, C/4, 4, O/4] vec4: four inputs, each with four outputs
// residual  [N, OH, OW, O/4] vec4    bias   [O/4] vec4
// y         [N, OH, OW, O/4] vec4
//
// It is to conv2d-tiled what conv2d-split-k is to conv2d-pointwise. Late in a network a 3×3 convolution has 16 or 64 pixels
// and hundreds of channels: a few hundred invocations would each add up thousands of products, one load after the other,
// and most of a GPU would wait. Here a workgroup makes TILES register tiles, each PIXELS pixels of a row, × BLOCKS blocks of
// four channels. SLICES invocations share the sum of one tile and block: invocation (b, t, s) adds up every SLICES-th block
// of inputs for tile t and block b. Workgroup memory holds these partial sums [SLICES, TILES, BLOCKS, PIXELS], and after one
// barrier each invocation adds up its share of pixels. More tiles load a weight less often, more slices wait less.
//
// With STRIDE 1 or 2 the window is three taps wide without dilation: a loaded pixel serves all taps that it lies under, and
// a turn of the loop has all loads of a row of taps on their way at once.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  residual: View,
  y: View,
  in_height: i32,
  in_width: i32,
  out_height: u32,
  out_width: u32,
  rows: u32,          // N · OH
  in_blocks: u32,     // ceil(C / 4)
  out_blocks: u32,    // ceil(O / 4)
  weight_blocks: u32, // as out_blocks
  out_channels: u32,
  kernel: vec2<u32>,  // height, width
  stride: vec2<i32>,
  dilation: vec2<i32>,
  padding: vec2<i32>, // top, left
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read> weight: array<Vec4>;
@group(0) @binding(2) var<storage, read> bias: array<Vec4>;
@group(0) @binding(3) var<storage, read> residual: array<Vec4>;
@group(0) @binding(4) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(5) var<uniform> params: Params;

const PIXELS = 4u;
override BLOCKS: u32 = 8;
override TILES: u32 = 1;
override SLICES: u32 = 8;
override STRIDE: u32 = 0;    // 1 or 2: three taps wide, without dilation, and moves by this along a row; 0: any window
override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after

var<workgroup> partial: array<vec4f, SLICES * TILES * BLOCKS * PIXELS>;

// Not every platform's exp and clamp keep NaN. A test of the bits: compilers may assume that there is none.
fn keep_nan(v: vec4f, y: vec4f) -> vec4f {
  return select(y, v, (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u));
}

fn activate(v: vec4f) -> vec4f {
  let a = vec4f(params.alpha); let b = vec4f(params.beta);
  switch (ACTIVATION) {
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

// Four inputs to four outputs.
fn weights(at: u32) -> mat4x4f {
  let n = params.weight_blocks;
  return mat4x4f(vec4f(weight[at]), vec4f(weight[at + n]), vec4f(weight[at + 2u * n]), vec4f(weight[at + 3u * n]));
}

fn multiply_add(sum: vec4f, v: vec4f, w: mat4x4f) -> vec4f {
  return sum + v.x * w[0] + v.y * w[1] + v.z * w[2] + v.w * w[3];
}

// Where a column lies in a row of x, in vec4s. Columns outside lie at one inside, and count as zero.
fn offset_of(column: i32) -> u32 { return u32(clamp(column, 0, params.in_width - 1)) * params.x.pixel; }
fn has_column(column: i32) -> bool { return column >= 0 && column < params.in_width; }
fn load(at: u32, inside: bool) -> vec4f { return select(vec4f(0.0), vec4f(x[at]), inside); }

@compute @workgroup_size(BLOCKS, TILES, SLICES)
fn main(@builtin(local_invocation_id) local: vec3u, @builtin(workgroup_id) group: vec3u) {
  let block = group.x * BLOCKS + local.x;
  let slice = local.z;
  let columns = (params.out_width + PIXELS - 1u) / PIXELS;
  let tile = group.y * TILES + local.y;
  let column = tile % columns * PIXELS;
  // Invocations past the last row and block add up a copy of it: all must reach the barrier.
  let line = min(tile / columns, params.rows - 1u);
  let row = line % params.out_height;
  let image = line / params.out_height;
  let step = params.stride.y;
  let left = i32(column) * step - params.padding.y;
  let channel_step = 4u * params.weight_blocks;
  let tap_step = params.in_blocks * channel_step;

  // Where a row of taps looks: compilers do not move clamps and masks out of the loops.
  let o0 = offset_of(left);     let o1 = offset_of(left + 1); let o2 = offset_of(left + 2);
  let o3 = offset_of(left + 3); let o4 = offset_of(left + 4); let o5 = offset_of(left + 5);
  let o6 = offset_of(left + 6); let o7 = offset_of(left + 7); let o8 = offset_of(left + 8);
  let i0 = has_column(left);     let i1 = has_column(left + 1); let i2 = has_column(left + 2);
  let i3 = has_column(left + 3); let i4 = has_column(left + 4); let i5 = has_column(left + 5);
  let i6 = has_column(left + 6); let i7 = has_column(left + 7); let i8 = has_column(left + 8);

  let first_weight = slice * channel_step + min(block, params.out_blocks - 1u);
  var a0 = vec4f(0.0); var a1 = a0; var a2 = a0; var a3 = a0;
  for (var u = 0u; u < params.kernel.x; u++) {
    let in_row = i32(row) * params.stride.x + i32(u) * params.dilation.x - params.padding.x;
    if (in_row < 0 || in_row >= params.in_height) { continue; }
    let start = params.x.offset + image * params.x.image + u32(in_row) * params.x.row;
    if (STRIDE == 0u) {
      for (var v = 0u; v < params.kernel.y; v++) {
        let j = left + i32(v) * params.dilation.y;
        let s0 = start + offset_of(j);            let h0 = has_column(j);
        let s1 = start + offset_of(j + step);     let h1 = has_column(j + step);
        let s2 = start + offset_of(j + 2 * step); let h2 = has_column(j + 2 * step);
        let s3 = start + offset_of(j + 3 * step); let h3 = has_column(j + 3 * step);
        var at = (u * params.kernel.y + v) * tap_step + first_weight;
        for (var c = slice; c < params.in_blocks; c += SLICES) {
          let w = weights(at);
          a0 = multiply_add(a0, load(s0 + c, h0), w); a1 = multiply_add(a1, load(s1 + c, h1), w);
          a2 = multiply_add(a2, load(s2 + c, h2), w); a3 = multiply_add(a3, load(s3 + c, h3), w);
          at += SLICES * channel_step;
        }
      }
    } else {
      var at = 3u * u * tap_step + first_weight;
      for (var c = slice; c < params.in_blocks; c += SLICES) {
        let s = start + c;
        let w0 = weights(at); let w1 = weights(at + tap_step); let w2 = weights(at + 2u * tap_step);
        let x0 = load(s + o0, i0); let x1 = load(s + o1, i1); let x2 = load(s + o2, i2);
        let x3 = load(s + o3, i3); let x4 = load(s + o4, i4); let x5 = load(s + o5, i5);
        a0 = multiply_add(multiply_add(multiply_add(a0, x0, w0), x1, w1), x2, w2);
        if (STRIDE == 1u) {
          a1 = multiply_add(multiply_add(multiply_add(a1, x1, w0), x2, w1), x3, w2);
          a2 = multiply_add(multiply_add(multiply_add(a2, x2, w0), x3, w1), x4, w2);
          a3 = multiply_add(multiply_add(multiply_add(a3, x3, w0), x4, w1), x5, w2);
        } else {
          let x6 = load(s + o6, i6); let x7 = load(s + o7, i7); let x8 = load(s + o8, i8);
          a1 = multiply_add(multiply_add(multiply_add(a1, x2, w0), x3, w1), x4, w2);
          a2 = multiply_add(multiply_add(multiply_add(a2, x4, w0), x5, w1), x6, w2);
          a3 = multiply_add(multiply_add(multiply_add(a3, x6, w0), x7, w1), x8, w2);
        }
        at += SLICES * channel_step;
      }
    }
  }
  let mine = ((slice * TILES + local.y) * BLOCKS + local.x) * PIXELS;
  partial[mine] = a0; partial[mine + 1u] = a1; partial[mine + 2u] = a2; partial[mine + 3u] = a3;
  workgroupBarrier();

  if (block >= params.out_blocks || tile / columns >= params.rows) { return; }
  let pixels = min(PIXELS, params.out_width - column);
  for (var p = slice; p < pixels; p += SLICES) {
    var v = vec4f(bias[block]);
    for (var s = 0u; s < SLICES; s++) { v += partial[((s * TILES + local.y) * BLOCKS + local.x) * PIXELS + p]; }
    let r = params.residual;
    let at = r.offset + image * r.image + row * r.row + (column + p) * r.pixel + block;
    if (RESIDUAL == 1u) { v += vec4f(residual[at]); }
    v = activate(v);
    if (RESIDUAL == 2u) { v += vec4f(residual[at]); }
    v = select(vec4f(0.0), v, block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.out_channels));
    y[params.y.offset + image * params.y.image + row * params.y.row + (column + p) * params.y.pixel + block] = Vec4(v);
  }
}
