// 3×3 convolution, to which a 1×1 convolution of a shortcut is added: the end of a residual block whose picture shrinks or
// gets more channels (He et al. 2016, "Deep residual learning for image recognition", section 3.2).
//
//   y[n, i, j, o] = act(bias[o] + Σ_{u,v,c} x[n, i + u - 1, j + v - 1, c] · weight[u, v, c, o] + Σ_c pooled[n, i, j, c] · projection[c, o])
//   pooled[n, i, j, c] = max_{u,v} shortcut[n, i·stride + u, j·stride + v, c]
//
// x         [N, H, W, C/4] vec4      weight [3, 3, C/4, 4, O/4] vec4, then the projection [A/4, 4, O/4]
// shortcut  [N, SH, SW, A/4] vec4    bias   [O/4] vec4
// y         [N, H, W, O/4] vec4
//
// The sums are shared out within a workgroup as those of conv2d-split: invocation (b, t, s) adds up every SLICES-th block of
// inputs, of the shortcut and then of x, for block b of four outputs and tile t of PIXELS pixels of a row. In launches of
// their own, the maxima and their products would be written and read again, and take longer to begin than to compute.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  shortcut: View,
  y: View,
  in_height: i32,
  in_width: i32,
  rows: u32,            // N · H
  in_blocks: u32,       // ceil(C / 4)
  shortcut_blocks: u32, // ceil(A / 4)
  out_blocks: u32,      // ceil(O / 4)
  weight_blocks: u32,   // as out_blocks
  out_channels: u32,
  stride: vec2<u32>,    // of the shortcut's windows
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read> weight: array<Vec4>;
@group(0) @binding(2) var<storage, read> bias: array<Vec4>;
@group(0) @binding(3) var<storage, read> shortcut: array<Vec4>;
@group(0) @binding(4) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(5) var<uniform> params: Params;

const PIXELS = 4u;
override BLOCKS: u32 = 4;
override TILES: u32 = 4;
override SLICES: u32 = 8;
override POOL_HEIGHT: u32 = 1;
override POOL_WIDTH: u32 = 1;
override ACTIVATION: u32 = 0;

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

fn is_nan(v: vec4f) -> vec4<bool> { return (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u); }

fn greater(a: vec4f, b: vec4f) -> vec4f { return select(b, a, is_nan(a) | (a > b)); }

// The greatest of the shortcut's vec4s in a window, given the first.
fn pooled(first: u32) -> vec4f {
  var greatest = vec4f(shortcut[first]);
  for (var tap = 1u; tap < POOL_HEIGHT * POOL_WIDTH; tap++) {
    let at = first + tap / POOL_WIDTH * params.shortcut.row + tap % POOL_WIDTH * params.shortcut.pixel;
    greatest = greater(vec4f(shortcut[at]), greatest);
  }
  return greatest;
}

// Where a column lies in a row of x, in vec4s. Columns outside lie at one inside, and count as zero.
fn offset_of(column: i32) -> u32 { return u32(clamp(column, 0, params.in_width - 1)) * params.x.pixel; }
fn has_column(column: i32) -> bool { return column >= 0 && column < params.in_width; }
fn load(at: u32, inside: bool) -> vec4f { return select(vec4f(0.0), vec4f(x[at]), inside); }

@compute @workgroup_size(BLOCKS, TILES, SLICES)
fn main(@builtin(local_invocation_id) local: vec3u, @builtin(workgroup_id) group: vec3u) {
  let block = group.x * BLOCKS + local.x;
  let slice = local.z;
  let width = u32(params.in_width);
  let columns = (width + PIXELS - 1u) / PIXELS;
  let tile = group.y * TILES + local.y;
  let column = tile % columns * PIXELS;
  // Invocations past the last row and block add up a copy of it: all must reach the barrier.
  let line = min(tile / columns, params.rows - 1u);
  let row = line % u32(params.in_height);
  let image = line / u32(params.in_height);
  let channel_step = 4u * params.weight_blocks;
  let tap_step = params.in_blocks * channel_step;
  let first_weight = slice * channel_step + min(block, params.out_blocks - 1u);
  var a0 = vec4f(0.0); var a1 = a0; var a2 = a0; var a3 = a0;

  let z = params.shortcut;
  let window = z.offset + image * z.image + row * params.stride.x * z.row;
  let pixel = params.stride.y * z.pixel;
  let z0 = window + column * pixel;                       let z1 = window + min(column + 1u, width - 1u) * pixel;
  let z2 = window + min(column + 2u, width - 1u) * pixel; let z3 = window + min(column + 3u, width - 1u) * pixel;
  var of_projection = 9u * tap_step + first_weight;
  for (var c = slice; c < params.shortcut_blocks; c += SLICES) {
    let w = weights(of_projection);
    a0 = multiply_add(a0, pooled(z0 + c), w); a1 = multiply_add(a1, pooled(z1 + c), w);
    a2 = multiply_add(a2, pooled(z2 + c), w); a3 = multiply_add(a3, pooled(z3 + c), w);
    of_projection += SLICES * channel_step;
  }

  // Where a row of taps looks: compilers do not move clamps and masks out of the loops.
  let left = i32(column) - 1;
  let o0 = offset_of(left);     let o1 = offset_of(left + 1); let o2 = offset_of(left + 2);
  let o3 = offset_of(left + 3); let o4 = offset_of(left + 4); let o5 = offset_of(left + 5);
  let i0 = has_column(left);     let i1 = has_column(left + 1); let i2 = has_column(left + 2);
  let i3 = has_column(left + 3); let i4 = has_column(left + 4); let i5 = has_column(left + 5);
  for (var u = 0u; u < 3u; u++) {
    let in_row = i32(row + u) - 1;
    if (in_row < 0 || in_row >= params.in_height) { continue; }
    let start = params.x.offset + image * params.x.image + u32(in_row) * params.x.row;
    var at = 3u * u * tap_step + first_weight;
    for (var c = slice; c < params.in_blocks; c += SLICES) {
      let s = start + c;
      let w0 = weights(at); let w1 = weights(at + tap_step); let w2 = weights(at + 2u * tap_step);
      let x0 = load(s + o0, i0); let x1 = load(s + o1, i1); let x2 = load(s + o2, i2);
      let x3 = load(s + o3, i3); let x4 = load(s + o4, i4); let x5 = load(s + o5, i5);
      a0 = multiply_add(multiply_add(multiply_add(a0, x0, w0), x1, w1), x2, w2);
      a1 = multiply_add(multiply_add(multiply_add(a1, x1, w0), x2, w1), x3, w2);
      a2 = multiply_add(multiply_add(multiply_add(a2, x2, w0), x3, w1), x4, w2);
      a3 = multiply_add(multiply_add(multiply_add(a3, x3, w0), x4, w1), x5, w2);
      at += SLICES * channel_step;
    }
  }
  let mine = ((slice * TILES + local.y) * BLOCKS + local.x) * PIXELS;
  partial[mine] = a0; partial[mine + 1u] = a1; partial[mine + 2u] = a2; partial[mine + 3u] = a3;
  workgroupBarrier();

  if (block >= params.out_blocks || tile / columns >= params.rows) { return; }
  let pixels = min(PIXELS, width - column);
  for (var p = slice; p < pixels; p += SLICES) {
    var v = vec4f(bias[block]);
    for (var s = 0u; s < SLICES; s++) { v += partial[((s * TILES + local.y) * BLOCKS + local.x) * PIXELS + p]; }
    v = activate(v);
    v = select(vec4f(0.0), v, block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.out_channels));
    y[params.y.offset + image * params.y.image + row * params.y.row + (column + p) * params.y.pixel + block] = Vec4(v);
  }
}
