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
// the same 4·BLOCKS channels of neighbouring pixels, PIXELS each, and weights come as one load for all of them. For
// 128 multiply-adds an invocation loads two vec4s of its own and its share of 256 bytes, where conv2d-split loads sixteen
// vec4s. Compilers must see that the weights are the same: the workgroup's channels are by themselves, the slice is where
// subgroupBroadcastFirst says so. It holds if a row of LANES invocations is one subgroup, or several whole ones.
//
// A workgroup makes TILES · PIXELS · LANES pixels, counted through all rows and images. SLICES invocations share the sums of
// the same pixels: invocation (p, t, s) adds up every SLICES-th input block for pixels p and LANES + p of tile t. Workgroup
// memory holds these partial sums [SLICES, TILES, PIXELS, LANES, BLOCKS], and after one barrier each invocation adds up its
// share of the pixels and blocks.

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
const PIXELS = 2u;
override LANES: u32 = 8;
override TILES: u32 = 1;
override SLICES: u32 = 8;
override PADDED: bool = true; // taps may lie outside the image
override ACTIVATION: u32 = 0;
override RESIDUAL: u32 = 0;  // 1: added before the activation, 2: after

override TILE: u32 = PIXELS * LANES * BLOCKS;  // vec4s of a tile's sums

var<workgroup> partial: array<vec4f, SLICES * TILES * TILE>;

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

struct Output { image: u32, row: u32, column: u32 }
fn output_of(pixel: u32) -> Output {
  // Pixels past the last are copies of it: all invocations must reach the barrier.
  let within = min(pixel, params.rows * params.out_width - 1u);
  let line = within / params.out_width;
  return Output(line / params.out_height, line % params.out_height, within % params.out_width);
}

fn corner_of(output: Output) -> vec2i { return vec2i(vec2u(output.row, output.column)) * params.stride - params.padding; }

// Where a tap's inputs begin. Taps outside lie at the nearest pixel inside, and count as zero.
struct Source { at: u32, inside: bool }
fn source_of(image: u32, position: vec2i) -> Source {
  let nearest = clamp(position, vec2i(0), vec2i(params.in_height, params.in_width) - 1);
  let at = params.x.offset + image * params.x.image + u32(nearest.x) * params.x.row + u32(nearest.y) * params.x.pixel;
  return Source(at, !PADDED || all(position == nearest));
}

fn load_or_zero(source: Source, c: u32) -> vec4f { return select(vec4f(0.0), vec4f(x[source.at + c]), source.inside); }

@compute @workgroup_size(LANES, TILES, SLICES)
fn main(@builtin(local_invocation_id) local: vec3u, @builtin(workgroup_id) group: vec3u) {
  let block = group.x * BLOCKS;
  let slice = subgroupBroadcastFirst(local.z);
  let first = (group.y * TILES + local.y) * PIXELS * LANES + local.x;
  let p = output_of(first);
  let q = output_of(first + LANES);
  let corner_p = corner_of(p);
  let corner_q = corner_of(q);
  let turns = (params.in_blocks - slice + SLICES - 1u) / SLICES;

  var p0 = vec4f(0.0); var p1 = p0; var p2 = p0; var p3 = p0;
  var q0 = vec4f(0.0); var q1 = q0; var q2 = q0; var q3 = q0;
  for (var u = 0u; u < params.kernel.x; u++) {
    for (var v = 0u; v < params.kernel.y; v++) {
      let tap = vec2i(vec2u(u, v)) * params.dilation;
      let of_p = source_of(p.image, corner_p + tap);
      let of_q = source_of(q.image, corner_q + tap);
      var c = slice;
      var w = ((u * params.kernel.y + v) * params.in_blocks + c) * params.weight_blocks + block;
      // Counted down: browsers add a second counter to a loop unless they see that it ends.
      for (var turn = turns; turn > 0u; turn--) {
        let w0 = mat4x4f(weight[w]);      let w1 = mat4x4f(weight[w + 1u]);
        let w2 = mat4x4f(weight[w + 2u]); let w3 = mat4x4f(weight[w + 3u]);
        let a = load_or_zero(of_p, c);
        let b = load_or_zero(of_q, c);
        p0 += w0 * a; p1 += w1 * a; p2 += w2 * a; p3 += w3 * a;
        q0 += w0 * b; q1 += w1 * b; q2 += w2 * b; q3 += w3 * b;
        c += SLICES;
        w += SLICES * params.weight_blocks;
      }
    }
  }
  let count = params.rows * params.out_width;
  if (SLICES == 1u) {
    if (first < count) {
      store(p0, p, block); store(p1, p, block + 1u); store(p2, p, block + 2u); store(p3, p, block + 3u);
    }
    if (first + LANES < count) {
      store(q0, q, block); store(q1, q, block + 1u); store(q2, q, block + 2u); store(q3, q, block + 3u);
    }
    return;
  }
  let mine = (slice * TILES + local.y) * TILE + local.x * BLOCKS;
  let other = mine + LANES * BLOCKS;
  partial[mine] = p0;  partial[mine + 1u] = p1;  partial[mine + 2u] = p2;  partial[mine + 3u] = p3;
  partial[other] = q0; partial[other + 1u] = q1; partial[other + 2u] = q2; partial[other + 3u] = q3;
  workgroupBarrier();

  for (var i = slice; i < PIXELS * BLOCKS; i += SLICES) {
    let is_second = i >= BLOCKS;
    if (select(first, first + LANES, is_second) >= count) { return; }
    let own = local.y * TILE + select(local.x, local.x + LANES, is_second) * BLOCKS + i % BLOCKS;
    var sum = vec4f(0.0);
    for (var s = 0u; s < SLICES; s++) { sum += partial[own + s * TILES * TILE]; }
    let row = select(p.row, q.row, is_second);
    store(sum, Output(select(p.image, q.image, is_second), row, select(p.column, q.column, is_second)), block + i % BLOCKS);
  }
}

fn store(sum: vec4f, output: Output, block: u32) {
  if (block >= params.out_blocks) { return; }
  let r = params.residual;
  let at = r.offset + output.image * r.image + output.row * r.row + output.column * r.pixel + block;
  var v = sum + vec4f(bias[block]);
  if (RESIDUAL == 1u) { v += vec4f(residual[at]); }
  v = activate(v);
  if (RESIDUAL == 2u) { v += vec4f(residual[at]); }
  v = select(vec4f(0.0), v, block * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(params.out_channels));
  let image = params.y.offset + output.image * params.y.image;
  y[image + output.row * params.y.row + output.column * params.y.pixel + block] = Vec4(v);
}
