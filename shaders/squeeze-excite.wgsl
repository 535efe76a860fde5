// The gate of a squeeze-and-excitation block: the mean of a picture, then one or two 1×1 convolutions of it.
//
//   s[n, c] = Σ_p (x[n, p, c] + addend[n, p, c]) / (H·W)
//   h[n, k] = act₁(bias[k] + Σ_c s[n, c] · weight[c, k])
//   y[n, o] = act₂(bias[K + o] + Σ_k h[n, k] · weight[C + k, o])   or y = h
//
// x       [N, H, W, C/4] vec4       weight [C/4, 4, K/4] vec4, then [K/4, 4, O/4]
// addend  [N, H, W, C/4] vec4       bias   [K/4] vec4, then [O/4]
// y       [N, 1, 1, O/4] vec4
//
// One workgroup makes the gate of an image. At each step its LANES invocations are so many columns, one for each vec4 that
// comes of the step, and as many slices as that leaves, which share out what is added up: pixels, then inputs. Workgroup
// memory holds the partial sums, then s and h: [LANES], [C/4], [K/4].
//
// In three launches a GPU waits twice for numbers that one of its compute units could have kept, and each launch costs more
// than its few sums. One compute unit reads the whole picture here, as it nearly does in global-pool2d.

alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  addend: View,
  y: View,
  pixels: u32,        // H · W
  width: u32,
  in_blocks: u32,     // ceil(C / 4)
  hidden_blocks: u32, // ceil(K / 4)
  out_blocks: u32,    // ceil(O / 4)
  hidden_channels: u32,
  out_channels: u32,
  slices: u32,        // of the pixels, a power of two
  hidden_slices: u32, // of the inputs of the first convolution, then of the second
  out_slices: u32,
  hidden_alpha: f32,
  hidden_beta: f32,
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read> addend: array<Vec4>;
@group(0) @binding(2) var<storage, read> weight: array<Vec4>;
@group(0) @binding(3) var<storage, read> bias: array<Vec4>;
@group(0) @binding(4) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(5) var<uniform> params: Params;

override LANES: u32 = 256;     // a power of two
override MEMORY: u32 = 1024;   // vec4s of workgroup memory
override ONE_ROW: bool = true; // the rows of an image follow each other without gaps
override ADDEND: bool = false;
override TWO: bool = true;     // convolutions
override HIDDEN_ACTIVATION: u32 = 0;
override ACTIVATION: u32 = 0;

var<workgroup> numbers: array<vec4f, MEMORY>;

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

// Where a pixel lies, in vec4s from the first of its image.
fn offset_of(pixel: u32, v: View) -> u32 {
  if (ONE_ROW) { return pixel * v.pixel; }
  return pixel / params.width * v.row + pixel % params.width * v.pixel;
}

// A pixel of the picture, or zero behind its last.
fn pixel_of(image: u32, pixel: u32, block: u32) -> vec4f {
  let p = min(pixel, params.pixels - 1u);
  var v = vec4f(x[params.x.offset + image * params.x.image + offset_of(p, params.x) + block]);
  if (ADDEND) {
    v += vec4f(addend[params.addend.offset + image * params.addend.image + offset_of(p, params.addend) + block]);
  }
  return select(vec4f(0.0), v, pixel < params.pixels);
}

// The sum of four of them, `step` apart.
fn sum_of_four(image: u32, pixel: u32, step: u32, block: u32) -> vec4f {
  return (pixel_of(image, pixel, block) + pixel_of(image, pixel + step, block)) +
    (pixel_of(image, pixel + 2u * step, block) + pixel_of(image, pixel + 3u * step, block));
}

// Adds up what the slices of a column have. All invocations call this, and that of the first slice has the sum.
fn sum_of_slices(lane: u32, columns: u32, own: vec4f) -> vec4f {
  numbers[lane] = own;
  for (var half = LANES / 2u; half >= columns; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { numbers[lane] += numbers[lane + half]; }
  }
  let sum = numbers[lane];
  workgroupBarrier();
  return sum;
}

// Four inputs, which lie in `slot`, to four outputs.
fn product_of(slot: u32, at: u32, n: u32) -> vec4f {
  let v = numbers[slot];
  return v.x * vec4f(weight[at]) + v.y * vec4f(weight[at + n]) + v.z * vec4f(weight[at + 2u * n]) + v.w * vec4f(weight[at + 3u * n]);
}

fn existing(v: vec4f, block: u32, channels: u32) -> vec4f {
  return select(vec4f(0.0), v, block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(channels));
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let image = group.x;
  let mean = LANES;
  let columns = LANES / params.slices;
  for (var first = 0u; first < params.in_blocks; first += columns) {
    let block = min(first + lane % columns, params.in_blocks - 1u);
    let step = params.slices;
    var sum = vec4f(0.0);
    // Eight pixels a turn: their loads are on their way at once.
    for (var pixel = lane / columns; pixel < params.pixels; pixel += 8u * step) {
      sum += sum_of_four(image, pixel, step, block) + sum_of_four(image, pixel + 4u * step, step, block);
    }
    sum = sum_of_slices(lane, columns, sum);
    if (lane < min(columns, params.in_blocks - first)) { numbers[mean + first + lane] = sum / f32(params.pixels); }
  }
  workgroupBarrier();

  let hidden = mean + params.in_blocks;
  let hidden_columns = LANES / params.hidden_slices;
  for (var first = 0u; first < params.hidden_blocks; first += hidden_columns) {
    let block = min(first + lane % hidden_columns, params.hidden_blocks - 1u);
    var sum = vec4f(0.0);
    for (var c = lane / hidden_columns; c < params.in_blocks; c += params.hidden_slices) {
      sum += product_of(mean + c, block + c * 4u * params.hidden_blocks, params.hidden_blocks);
    }
    sum = sum_of_slices(lane, hidden_columns, sum);
    if (lane < min(hidden_columns, params.hidden_blocks - first)) {
      let v = activate(HIDDEN_ACTIVATION, sum + vec4f(bias[block]), params.hidden_alpha, params.hidden_beta);
      let h = existing(v, block, params.hidden_channels);
      if (TWO) { numbers[hidden + block] = h; } else { y[params.y.offset + image * params.y.image + block] = Vec4(h); }
    }
  }
  if (!TWO) { return; }
  workgroupBarrier();

  let out_columns = LANES / params.out_slices;
  let weights = params.in_blocks * 4u * params.hidden_blocks;
  for (var first = 0u; first < params.out_blocks; first += out_columns) {
    let block = min(first + lane % out_columns, params.out_blocks - 1u);
    var sum = vec4f(0.0);
    for (var k = lane / out_columns; k < params.hidden_blocks; k += params.out_slices) {
      sum += product_of(hidden + k, weights + block + k * 4u * params.out_blocks, params.out_blocks);
    }
    sum = sum_of_slices(lane, out_columns, sum);
    if (lane < min(out_columns, params.out_blocks - first)) {
      let v = activate(ACTIVATION, sum + vec4f(bias[params.hidden_blocks + block]), params.alpha, params.beta);
      y[params.y.offset + image * params.y.image + block] = Vec4(existing(v, block, params.out_channels));
    }
  }
}
