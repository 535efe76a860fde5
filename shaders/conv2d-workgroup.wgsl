// Convolution of any window in one group as an implicit matrix product, with both operands staged in workgroup memory.
//
//   y[n, i, j, o] = act(bias[o] + Σ_{u,v,c} x[n, i·stride + u·dilation - padding, …, c] · weight[u, v, c, o])
//
// x         [N, H, W, C/4] vec4      weight [KH, KW, C/4, 4, O/4] vec4: four inputs, each with four outputs
// residual  [N, OH, OW, O/4] vec4    bias   [O/4] vec4
// y         [N, OH, OW, O/4] vec4    O/4 of weight and bias is padded with zeros to a multiple of COLUMNS
//
// conv2d-tiled makes a register tile: an invocation uses what it loads 4 to 8 times. conv2d-staged makes a workgroup tile:
// what one invocation loads is used by others, too. This kernel makes a register tile within a workgroup tile. A workgroup
// makes 32 pixels, counted through all rows and images, × 32 output channels, in steps of one tap and 16 input channels:
//
//   1. its 64 invocations load 32 pixels × 16 inputs of x and 16 inputs × 32 outputs of weight, four vec4s each,
//   2. a barrier waits until all of it lies in workgroup memory,
//   3. each invocation multiplies its own register tile, 4 pixels × 4 channels, out of workgroup memory,
//   4. a barrier waits until nobody reads it any more.
//
// That is 1024 numbers from memory for 16384 multiply-adds: 1/32 + 1/32 each, where a register tile of 4 × 4 takes
// 1/4 + 1/4. Workgroup memory has taken over the loads of step 3, 1/4 + 1/4, and the barriers have invocations wait.

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
  weight_blocks: u32, // out_blocks, rounded up to COLUMNS
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

const COLUMNS = 8u;  // blocks of output channels: a workgroup's along x
const LINES = 8u;    // a workgroup's invocations along y
const PIXELS = 4u;   // of an invocation: LINES apart, so that neighbours read neighbouring words of workgroup memory
const DEPTH = 4u;    // blocks of input channels of a step
const TILE = LINES * PIXELS;
override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after

var<workgroup> staged_x: array<vec4f, DEPTH * TILE>;                // [input block, pixel]
var<workgroup> staged_weight: array<vec4f, 4u * DEPTH * COLUMNS>;  // [input, output block]

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

// Where a pixel of y is, and where its window begins in x. Pixels past the last are copies of it and not stored.
struct PixelPlace { image: u32, row: u32, column: u32, first: vec2i }
fn place_of(pixel: u32) -> PixelPlace {
  let last = params.rows * params.out_width - 1u;
  let line = min(pixel, last) / params.out_width;
  let column = min(pixel, last) % params.out_width;
  let row = line % params.out_height;
  return PixelPlace(line / params.out_height, row, column, vec2i(vec2u(row, column)) * params.stride - params.padding);
}

// What a pixel's window sees at a tap: the first block of a pixel of x, which counts as zero outside the picture.
struct Source { at: u32, inside: bool }
fn source_of(place: PixelPlace, tap: vec2i) -> Source {
  let at = place.first + tap * params.dilation;
  let nearest = clamp(at, vec2i(0), vec2i(params.in_height, params.in_width) - 1);
  let start = params.x.offset + place.image * params.x.image;
  return Source(start + u32(nearest.x) * params.x.row + u32(nearest.y) * params.x.pixel, all(at == nearest));
}
fn load(source: Source, block: u32) -> vec4f {
  let v = vec4f(x[source.at + min(block, params.in_blocks - 1u)]);
  return select(vec4f(0.0), v, source.inside && block < params.in_blocks);
}

fn multiply_add(sum: vec4f, v: vec4f, w: mat4x4f) -> vec4f {
  return sum + v.x * w[0] + v.y * w[1] + v.z * w[2] + v.w * w[3];
}

@compute @workgroup_size(COLUMNS, LINES)
fn main(
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
  @builtin(workgroup_id) group: vec3u,
) {
  let first_pixel = group.y * TILE;
  // What this invocation stages: one input block of two pixels, and one output block of two inputs.
  let depth = index % DEPTH;
  let pixel = index / DEPTH;
  let near = place_of(first_pixel + pixel);
  let far = place_of(first_pixel + pixel + TILE / 2u);
  let input_row = index / COLUMNS;
  let output_block = group.x * COLUMNS + index % COLUMNS;
  let inputs = 4u * params.in_blocks;

  var a0 = vec4f(0.0); var a1 = a0; var a2 = a0; var a3 = a0;
  for (var u = 0u; u < params.kernel.x; u++) {
    for (var v = 0u; v < params.kernel.y; v++) {
      let tap = vec2i(vec2u(u, v));
      let near_source = source_of(near, tap);
      let far_source = source_of(far, tap);
      let first_row = (u * params.kernel.y + v) * inputs;
      for (var c = 0u; c < params.in_blocks; c += DEPTH) {
        staged_x[depth * TILE + pixel] = load(near_source, c + depth);
        staged_x[depth * TILE + pixel + TILE / 2u] = load(far_source, c + depth);
        // Inputs past the last multiply zeros of x: any weights do.
        let row = 4u * c + input_row;
        let other = row + 2u * DEPTH;
        let w = (first_row + min(row, inputs - 1u)) * params.weight_blocks + output_block;
        let z = (first_row + min(other, inputs - 1u)) * params.weight_blocks + output_block;
        staged_weight[index] = vec4f(weight[w]);
        staged_weight[index + COLUMNS * LINES] = vec4f(weight[z]);
        workgroupBarrier();
        for (var d = 0u; d < DEPTH; d++) {
          let at = 4u * d * COLUMNS + local.x;
          let matrix = mat4x4f(
            staged_weight[at], staged_weight[at + COLUMNS],
            staged_weight[at + 2u * COLUMNS], staged_weight[at + 3u * COLUMNS]);
          let mine = d * TILE + local.y;
          a0 = multiply_add(a0, staged_x[mine], matrix);
          a1 = multiply_add(a1, staged_x[mine + LINES], matrix);
          a2 = multiply_add(a2, staged_x[mine + 2u * LINES], matrix);
          a3 = multiply_add(a3, staged_x[mine + 3u * LINES], matrix);
        }
        workgroupBarrier();
      }
    }
  }

  let block = group.x * COLUMNS + local.x;
  if (block >= params.out_blocks) { return; }
  let pixels = params.rows * params.out_width;
  let sums = array<vec4f, PIXELS>(a0, a1, a2, a3);
  for (var p = 0u; p < PIXELS; p++) {
    let of_tile = first_pixel + p * LINES + local.y;
    if (of_tile >= pixels) { return; }
    let place = place_of(of_tile);
    var sum = sums[p] + vec4f(bias[block]);
    let r = params.residual;
    let at = r.offset + place.image * r.image + place.row * r.row + place.column * r.pixel + block;
    if (RESIDUAL == 1u) { sum += vec4f(residual[at]); }
    sum = activate(sum);
    if (RESIDUAL == 2u) { sum += vec4f(residual[at]); }
    sum = select(vec4f(0.0), sum, block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.out_channels));
    let o = params.y;
    y[o.offset + place.image * o.image + place.row * o.row + place.column * o.pixel + block] = Vec4(sum);
  }
}
