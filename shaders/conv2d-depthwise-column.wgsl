// Depthwise 3×3 convolution with stride 1 or 2, for adapters on which loads set the pace: an invocation walks down the
// picture, and a row of x that it has loaded serves all rows of y that see it.
//
//   y[n, i, j, c] = act(bias[c] + Σ_{u,v} x[n, i·stride + u - padding, j·stride + v - padding, c] · weight[u, v, c])
//
// x         [N, H, W, C/4] vec4      weight [3, 3, C/4] vec4
// residual  [N, OH, OW, C/4] vec4    bias   [C/4] vec4
// y         [N, OH, OW, C/4] vec4
//
// One invocation makes ROWS rows of PIXELS neighbouring pixels × four channels, with all nine weights in registers. With
// stride 1 each row of x adds to the sums of three rows of y and completes one of them: 6 loads make four outputs, for
// which conv2d-depthwise takes 27. With stride 2 two rows of x complete a row of y: 10 loads make two outputs. Four would
// save a tenth of the loads, and the shader would compile for twice as long.
//
// The invocations are few, and each is long: a GPU would wait for them.

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
  strips: u32,        // of ROWS rows, in an image
  blocks: u32,        // ceil(C / 4)
  channels: u32,
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

const ROWS = 24u;
const ALL_BITS = 0xffffffffu;
override STRIDE: u32 = 1;  // 1 or 2
override PIXELS: u32 = 4;  // 4 with stride 1, 2 with stride 2
override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after

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

// How far a row or a column lies from the first, in vec4s, with no bit in the mask where the picture has no such one, which
// then lies at one that it has.
struct MaskedPlace { offset: u32, mask: u32 }

fn place_of(index: i32, count: i32, step: u32) -> MaskedPlace {
  let nearest = clamp(index, 0, count - 1);
  return MaskedPlace(u32(nearest) * step, select(0u, ALL_BITS, nearest == index));
}

fn row_of(row: i32) -> MaskedPlace { return place_of(row, params.in_height, params.x.row); }
fn column_of(column: i32) -> MaskedPlace { return place_of(column, params.in_width, params.x.pixel); }

// A CPU without registers of masks needs one operation for this, and three for select.
fn masked(v: vec4f, mask: vec4u) -> vec4f { return bitcast<vec4f>(bitcast<vec4u>(v) & mask); }

// Four channels of a pixel, or zeros where there is no such pixel.
fn load(source: u32, row: MaskedPlace, column: MaskedPlace) -> vec4f {
  return masked(vec4f(x[source + row.offset + column.offset]), vec4u(row.mask & column.mask));
}

// at: where the pixel lies in the residual and in y.
fn store(sum: vec4f, at: vec2u, lanes: vec4u) {
  var v = sum;
  if (RESIDUAL == 1u) { v += vec4f(residual[at.x]); }
  v = activate(v);
  if (RESIDUAL == 2u) { v += vec4f(residual[at.x]); }
  y[at.y] = Vec4(masked(v, lanes));
}

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  // Never true. Indices are clamped to their array's length, for which SwiftShader would divide in each turn of a loop.
  if (min(arrayLength(&x), min(arrayLength(&residual), arrayLength(&y))) == 0u) { return; }
  let block = gid.x;
  let column = gid.y * PIXELS;
  if (block >= params.blocks) { return; }
  let image = gid.z / params.strips;
  let first = gid.z % params.strips * ROWS;
  let rows = min(ROWS, params.out_height - first);

  // In a loop: as nine loads, this would take a CPU's compiler as long as all the rest.
  var w: array<vec4f, 9>;
  var tap = 0u;
  for (var at = block; at < 9u * params.blocks; at += params.blocks) {
    w[tap] = vec4f(weight[at]);
    tap++;
  }
  let w00 = w[0]; let w01 = w[1]; let w02 = w[2];
  let w10 = w[3]; let w11 = w[4]; let w12 = w[5];
  let w20 = w[6]; let w21 = w[7]; let w22 = w[8];
  let start = vec4f(bias[block]);
  let lanes = select(vec4u(0u), vec4u(ALL_BITS), block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.channels));

  let source = params.x.offset + image * params.x.image + block;
  let left = i32(column * STRIDE) - params.padding.y;
  let c0 = column_of(left);     let c1 = column_of(left + 1); let c2 = column_of(left + 2);
  let c3 = column_of(left + 3); let c4 = column_of(left + 4); let c5 = column_of(left + 5);
  var row = i32(first * STRIDE) - params.padding.x;
  let place = vec3u(image, first, column);
  let pixel = vec2u(params.residual.pixel, params.y.pixel);
  var at = vec2u(
    params.residual.offset + dot(place, vec3u(params.residual.image, params.residual.row, params.residual.pixel)),
    params.y.offset + dot(place, vec3u(params.y.image, params.y.row, params.y.pixel))) + block;

  // Sums of the next row of y to be stored, s, and of the one after it, t.
  var s0 = start; var s1 = start; var s2 = start; var s3 = start;
  var t0 = start; var t1 = start; var t2 = start; var t3 = start;
  // The first turns have only rows of x whose outputs are begun.
  let ahead = 3u - STRIDE;
  for (var i = 0u; i < rows + ahead; i++) {
    let here = row_of(row);
    let x0 = load(source, here, c0); let x1 = load(source, here, c1); let x2 = load(source, here, c2);
    let x3 = load(source, here, c3); let x4 = load(source, here, c4);
    var y0 = s0; var y1 = s1; var y2 = s2; var y3 = s3;
    if (STRIDE == 1u) {
      let x5 = load(source, here, c5);
      y0 = y0 + w20 * x0 + w21 * x1 + w22 * x2;
      y1 = y1 + w20 * x1 + w21 * x2 + w22 * x3;
      y2 = y2 + w20 * x2 + w21 * x3 + w22 * x4;
      y3 = y3 + w20 * x3 + w21 * x4 + w22 * x5;
      s0 = t0 + w10 * x0 + w11 * x1 + w12 * x2;
      s1 = t1 + w10 * x1 + w11 * x2 + w12 * x3;
      s2 = t2 + w10 * x2 + w11 * x3 + w12 * x4;
      s3 = t3 + w10 * x3 + w11 * x4 + w12 * x5;
      t0 = start + w00 * x0 + w01 * x1 + w02 * x2;
      t1 = start + w00 * x1 + w01 * x2 + w02 * x3;
      t2 = start + w00 * x2 + w01 * x3 + w02 * x4;
      t3 = start + w00 * x3 + w01 * x4 + w02 * x5;
    } else {
      let below = row_of(row + 1);
      let z0 = load(source, below, c0); let z1 = load(source, below, c1); let z2 = load(source, below, c2);
      let z3 = load(source, below, c3); let z4 = load(source, below, c4);
      y0 = y0 + w20 * x0 + w21 * x1 + w22 * x2;
      y1 = y1 + w20 * x2 + w21 * x3 + w22 * x4;
      s0 = start + w00 * x0 + w01 * x1 + w02 * x2 + w10 * z0 + w11 * z1 + w12 * z2;
      s1 = start + w00 * x2 + w01 * x3 + w02 * x4 + w10 * z2 + w11 * z3 + w12 * z4;
    }
    row += i32(STRIDE);
    if (i < ahead) { continue; }
    store(y0, at, lanes);
    if (column + 1u < params.out_width) { store(y1, at + pixel, lanes); }
    if (STRIDE == 1u) {
      if (column + 2u < params.out_width) { store(y2, at + 2u * pixel, lanes); }
      if (column + 3u < params.out_width) { store(y3, at + 3u * pixel, lanes); }
    }
    at += vec2u(params.residual.row, params.y.row);
  }
}
