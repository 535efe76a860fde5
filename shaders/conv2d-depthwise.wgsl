// Depthwise convolution: every channel has one filter of its own.
//
//   y[n, i, j, c] = act(bias[c] + Σ_{u,v} x[n, i·stride + u·dilation - padding, …, c] · weight[u, v, c])
//
// x         [N, H, W, C/4] vec4      weight [KH, KW, C/4] vec4
// residual  [N, OH, OW, C/4] vec4    bias   [C/4] vec4
// y         [N, OH, OW, C/4] vec4
//
// One invocation makes four neighbouring pixels of a row × four channels. The arithmetic is all element by element, two
// operations for each number loaded, so that memory sets the pace: a weight is loaded once for four pixels, and where
// STRIDE is known (3 or 5 wide, stride 1 or 2, dilation 1), so is a pixel for all taps of its row: 3 wide that is 6 or 9
// loads instead of 12. Workgroup memory would only repeat what the cache does already.

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
  blocks: u32,        // ceil(C / 4)
  channels: u32,
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
override STRIDE: u32 = 0;  // 1 or 2: the kernel is WIDTH wide without dilation and moves by this along a row; 0: any
override WIDTH: u32 = 3;   // or 5
override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after
override WORKGROUP_X: u32 = 8;
override WORKGROUP_Y: u32 = 8;
override WORKGROUP_Z: u32 = 1;

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

// Where a column lies in a row of x, in vec4s. Columns outside lie at one inside, and count as zero.
fn offset_of(column: i32) -> u32 { return u32(clamp(column, 0, params.in_width - 1)) * params.x.pixel; }
fn has_column(column: i32) -> bool { return column >= 0 && column < params.in_width; }
fn load(at: u32, inside: bool) -> vec4f { return select(vec4f(0.0), vec4f(x[at]), inside); }
fn load_at(row_start: u32, column: i32) -> vec4f { return load(row_start + offset_of(column), has_column(column)); }

fn store(sum: vec4f, image: u32, row: u32, column: u32, block: u32) {
  var v = sum;
  let r = params.residual;
  let at = r.offset + image * r.image + row * r.row + column * r.pixel + block;
  if (RESIDUAL == 1u) { v += vec4f(residual[at]); }
  v = activate(v);
  if (RESIDUAL == 2u) { v += vec4f(residual[at]); }
  let lanes = block * 4u + vec4u(0u, 1u, 2u, 3u);
  v = select(vec4f(0.0), v, lanes < vec4u(params.channels));
  y[params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block] = Vec4(v);
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y, WORKGROUP_Z)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  let block = gid.x;
  let column = gid.y * PIXELS;
  if (block >= params.blocks || column >= params.out_width || gid.z >= params.rows) { return; }
  let row = gid.z % params.out_height;
  let image = gid.z / params.out_height;
  let left = i32(column) * params.stride.y - params.padding.y;
  let step = params.stride.y;

  var a = vec4f(bias[block]); var b = a; var c = a; var d = a;
  // All rows of taps look at the same columns.
  let o0 = offset_of(left); let i0 = has_column(left);
  let o1 = offset_of(left + 1); let i1 = has_column(left + 1);
  let o2 = offset_of(left + 2); let i2 = has_column(left + 2);
  let o3 = offset_of(left + 3); let i3 = has_column(left + 3);
  let o4 = offset_of(left + 4); let i4 = has_column(left + 4);
  let o5 = offset_of(left + 5); let i5 = has_column(left + 5);
  for (var u = 0u; u < params.kernel.x; u++) {
    let in_row = i32(row) * params.stride.x + i32(u) * params.dilation.x - params.padding.x;
    if (in_row < 0 || in_row >= params.in_height) { continue; }
    let start = params.x.offset + image * params.x.image + u32(in_row) * params.x.row + block;
    let at = u * params.kernel.y * params.blocks + block;
    if (STRIDE == 0u) {
      for (var v = 0u; v < params.kernel.y; v++) {
        let j = left + i32(v) * params.dilation.y;
        let w = vec4f(weight[at + v * params.blocks]);
        a += w * load_at(start, j);
        b += w * load_at(start, j + step);
        c += w * load_at(start, j + 2 * step);
        d += w * load_at(start, j + 3 * step);
      }
    } else {
      let w0 = vec4f(weight[at]);
      let w1 = vec4f(weight[at + params.blocks]);
      let w2 = vec4f(weight[at + 2u * params.blocks]);
      // One chain of sums for each pixel: compilers make a multiply-add of each link.
      if (STRIDE == 1u) {
        let x0 = load(start + o0, i0); let x1 = load(start + o1, i1); let x2 = load(start + o2, i2);
        let x3 = load(start + o3, i3); let x4 = load(start + o4, i4); let x5 = load(start + o5, i5);
        a = a + w0 * x0 + w1 * x1 + w2 * x2;
        b = b + w0 * x1 + w1 * x2 + w2 * x3;
        c = c + w0 * x2 + w1 * x3 + w2 * x4;
        d = d + w0 * x3 + w1 * x4 + w2 * x5;
        if (WIDTH == 5u) {
          let w3 = vec4f(weight[at + 3u * params.blocks]);
          let w4 = vec4f(weight[at + 4u * params.blocks]);
          let x6 = load_at(start, left + 6); let x7 = load_at(start, left + 7);
          a = a + w3 * x3 + w4 * x4;
          b = b + w3 * x4 + w4 * x5;
          c = c + w3 * x5 + w4 * x6;
          d = d + w3 * x6 + w4 * x7;
        }
      } else {
        let x0 = load_at(start, left); let x1 = load_at(start, left + 1); let x2 = load_at(start, left + 2);
        let x3 = load_at(start, left + 3); let x4 = load_at(start, left + 4); let x5 = load_at(start, left + 5);
        let x6 = load_at(start, left + 6); let x7 = load_at(start, left + 7); let x8 = load_at(start, left + 8);
        a = a + w0 * x0 + w1 * x1 + w2 * x2;
        b = b + w0 * x2 + w1 * x3 + w2 * x4;
        c = c + w0 * x4 + w1 * x5 + w2 * x6;
        d = d + w0 * x6 + w1 * x7 + w2 * x8;
        if (WIDTH == 5u) {
          let w3 = vec4f(weight[at + 3u * params.blocks]);
          let w4 = vec4f(weight[at + 4u * params.blocks]);
          let x9 = load_at(start, left + 9); let x10 = load_at(start, left + 10);
          a = a + w3 * x3 + w4 * x4;
          b = b + w3 * x5 + w4 * x6;
          c = c + w3 * x7 + w4 * x8;
          d = d + w3 * x9 + w4 * x10;
        }
      }
    }
  }
  // A loop whose length no compiler can tell: unrolled, `store` would make a shader that compiles for seconds.
  var sums = array<vec4f, 4>(a, b, c, d);
  let end = min(params.out_width, column + PIXELS);
  for (var j = column; j < end; j++) { store(sums[j - column], image, row, j, block); }
}
