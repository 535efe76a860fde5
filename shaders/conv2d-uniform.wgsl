// Convolution of any window in one group, for GPUs that load what a whole subgroup shares once: each subgroup makes one tile of
// output channels, so that its invocations need the same weights.
//
//   y[n, i, j, o] = act(bias[o] + Σ_{u,v,c} x[n, i·stride + u·dilation - padding, …, c] · weight[u, v, c, o])
//
// x         [N, H, W, C/4] vec4      weight [KH, KW, C/4, O/4] mat4x4: four inputs by four outputs
// residual  [N, OH, OW, O/4] vec4    bias   [O/4] vec4
// y         [N, OH, OW, O/4] vec4    O/4 of weight and bias is padded with zeros to a multiple of BLOCKS
//
// In conv2d-split neighbours along x make other channels of the same pixels: each loads weights of its own. Here they make
// the same 4·BLOCKS channels of neighbouring pixels, one pixel each, and weights come as one load for all of them. For
// 64 multiply-adds an invocation loads one vec4 of its own and its share of 256 bytes, where conv2d-split loads eight
// vec4s. Compilers must see that the weights are the same: the workgroup's channels are by themselves, the slice is where
// subgroupBroadcastFirst says so. It holds if a row of LANES invocations is one subgroup, or several whole ones.
//
// A workgroup makes TILES · LANES pixels, counted through all rows and images. SLICES invocations share the sum of one pixel:
// invocation (p, t, s) adds up every SLICES-th pair of input blocks for pixel p of tile t. Workgroup memory holds these partial
// sums [SLICES, TILES, LANES, BLOCKS], and after one barrier each invocation adds up its share of the blocks.

enable subgroups;

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
  weight_blocks: u32, // out_blocks, rounded up to BLOCKS
  out_channels: u32,
  kernel: vec2<u32>,  // height, width
  stride: vec2<i32>,
  dilation: vec2<i32>,
  padding: vec2<i32>, // top, left
  alpha: f32,
  beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read> weight: array<mat4x4<Scalar>>;
@group(0) @binding(2) var<storage, read> bias: array<Vec4>;
@group(0) @binding(3) var<storage, read> residual: array<Vec4>;
@group(0) @binding(4) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(5) var<uniform> params: Params;

const BLOCKS = 4u;
override LANES: u32 = 8;
override TILES: u32 = 1;
override SLICES: u32 = 8;
override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after

var<workgroup> partial: array<vec4f, SLICES * TILES * LANES * BLOCKS>;

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

@compute @workgroup_size(LANES, TILES, SLICES)
fn main(@builtin(local_invocation_id) local: vec3u, @builtin(workgroup_id) group: vec3u) {
  let block = group.x * BLOCKS;
  let slice = subgroupBroadcastFirst(local.z);
  let pixels = params.rows * params.out_width;
  let pixel = (group.y * TILES + local.y) * LANES + local.x;
  // Invocations past the last pixel add up a copy of it: all must reach the barrier.
  let line = min(pixel, pixels - 1u) / params.out_width;
  let column = min(pixel, pixels - 1u) % params.out_width;
  let row = line % params.out_height;
  let image = line / params.out_height;
  let first = vec2i(vec2u(row, column)) * params.stride - params.padding;
  let most = vec2i(params.in_height, params.in_width) - 1;
  let source = params.x.offset + image * params.x.image;
  let last = params.in_blocks - 1u;

  var a0 = vec4f(0.0); var a1 = a0; var a2 = a0; var a3 = a0;
  for (var u = 0u; u < params.kernel.x; u++) {
    for (var v = 0u; v < params.kernel.y; v++) {
      let place = first + vec2i(vec2u(u, v)) * params.dilation;
      let nearest = clamp(place, vec2i(0), most);
      let inside = all(place == nearest);
      let at = source + u32(nearest.x) * params.x.row + u32(nearest.y) * params.x.pixel;
      let tap = (u * params.kernel.y + v) * params.in_blocks;
      // Two blocks of inputs a turn: their loads are on their way at once.
      for (var c = 2u * slice; c <= last; c += 2u * SLICES) {
        let d = min(c + 1u, last);
        let p = select(vec4f(0.0), vec4f(x[at + c]), inside);
        let q = select(vec4f(0.0), vec4f(x[at + d]), inside && d > c);
        let w = (tap + c) * params.weight_blocks + block;
        let z = (tap + d) * params.weight_blocks + block;
        a0 += mat4x4f(weight[w]) * p;      a1 += mat4x4f(weight[w + 1u]) * p;
        a2 += mat4x4f(weight[w + 2u]) * p; a3 += mat4x4f(weight[w + 3u]) * p;
        a0 += mat4x4f(weight[z]) * q;      a1 += mat4x4f(weight[z + 1u]) * q;
        a2 += mat4x4f(weight[z + 2u]) * q; a3 += mat4x4f(weight[z + 3u]) * q;
      }
    }
  }
  let mine = ((slice * TILES + local.y) * LANES + local.x) * BLOCKS;
  partial[mine] = a0; partial[mine + 1u] = a1; partial[mine + 2u] = a2; partial[mine + 3u] = a3;
  workgroupBarrier();

  if (pixel >= pixels) { return; }
  let blocks = min(BLOCKS, params.out_blocks - block);
  for (var b = slice; b < blocks; b += SLICES) {
    var sum = vec4f(bias[block + b]);
    for (var s = 0u; s < SLICES; s++) { sum += partial[((s * TILES + local.y) * LANES + local.x) * BLOCKS + b]; }
    let r = params.residual;
    let at = r.offset + image * r.image + row * r.row + column * r.pixel + block + b;
    if (RESIDUAL == 1u) { sum += vec4f(residual[at]); }
    sum = activate(sum);
    if (RESIDUAL == 2u) { sum += vec4f(residual[at]); }
    let lanes = (block + b) * 4u + vec4u(0u, 1u, 2u, 3u);
    sum = select(vec4f(0.0), sum, lanes < vec4u(params.out_channels));
    y[params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block + b] = Vec4(sum);
  }
}
