// Winograd's convolution, second of three passes: 16, 36 or 64 matrix products, one for each number of a transformed patch.
//
//   m[t, p, o] = Σ_c v[t, p, c] · u[p, c, o]     for p in 0..points
//
// v [tiles, points, C/4] vec4, always float32     u [points, C/4, 4, O/4] vec4: four inputs, each with four outputs,
// m [tiles, points, O/4] vec4, always float32       the filters' transform G g Gᵀ, made in float64 at load
//
// O/4 is padded to a multiple of two, in u with zeros.
//
// One invocation makes 8 tiles × 2 blocks of four outputs of one product, in named registers, just as conv2d-pointwise
// does: 16 vec4 loads for 256 multiply-adds. For the same outputs the direct 3×3 kernel would do 2.25 times as many where
// there are 16 points, 4 times where there are 36 and 5 times where there are 64.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct Params {
  tiles: u32,
  points: u32,      // 16, 36 or 64
  in_blocks: u32,   // ceil(C / 4)
  out_blocks: u32,  // ceil(O / 4), rounded up to two
}

@group(0) @binding(0) var<storage, read> v: array<vec4f>;
@group(0) @binding(1) var<storage, read> u: array<Vec4>;
@group(0) @binding(2) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

// The register tile that one invocation makes: Winograd's tiles, and blocks of four output channels.
const WINOGRAD_TILES = 8u;
const BLOCKS = 2u;
override WORKGROUP_X: u32 = 8;
override WORKGROUP_Y: u32 = 8;

// Four inputs to four outputs.
fn weights(at: u32) -> mat4x4f {
  let n = params.out_blocks;
  return mat4x4f(vec4f(u[at]), vec4f(u[at + n]), vec4f(u[at + 2u * n]), vec4f(u[at + 3u * n]));
}

fn multiply_add(sum: vec4f, v: vec4f, w: mat4x4f) -> vec4f {
  return sum + v.x * w[0] + v.y * w[1] + v.z * w[2] + v.w * w[3];
}

// The first vec4 of a tile. Tiles past the last are computed as copies of it and not stored.
fn source(point: u32, tile: u32) -> u32 {
  return (min(tile, params.tiles - 1u) * params.points + point) * params.in_blocks;
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  let block = gid.x * BLOCKS;
  let tile = gid.y * WINOGRAD_TILES;
  let point = gid.z;
  if (block >= params.out_blocks || tile >= params.tiles) { return; }

  // a: sums of the first block of outputs, b: of the second
  var a0 = vec4f(0.0); var a1 = a0; var a2 = a0; var a3 = a0; var a4 = a0; var a5 = a0; var a6 = a0; var a7 = a0;
  var b0 = a0; var b1 = a0; var b2 = a0; var b3 = a0; var b4 = a0; var b5 = a0; var b6 = a0; var b7 = a0;
  let t0 = source(point, tile); let t1 = source(point, tile + 1u);
  let t2 = source(point, tile + 2u); let t3 = source(point, tile + 3u);
  let t4 = source(point, tile + 4u); let t5 = source(point, tile + 5u);
  let t6 = source(point, tile + 6u); let t7 = source(point, tile + 7u);
  for (var c = 0u; c < params.in_blocks; c++) {
    let v0 = v[t0 + c]; let v1 = v[t1 + c]; let v2 = v[t2 + c]; let v3 = v[t3 + c];
    let v4 = v[t4 + c]; let v5 = v[t5 + c]; let v6 = v[t6 + c]; let v7 = v[t7 + c];
    let at = (point * params.in_blocks + c) * 4u * params.out_blocks + block;
    let w = weights(at); let w1 = weights(at + 1u);
    a0 = multiply_add(a0, v0, w); a1 = multiply_add(a1, v1, w);
    a2 = multiply_add(a2, v2, w); a3 = multiply_add(a3, v3, w);
    a4 = multiply_add(a4, v4, w); a5 = multiply_add(a5, v5, w);
    a6 = multiply_add(a6, v6, w); a7 = multiply_add(a7, v7, w);
    b0 = multiply_add(b0, v0, w1); b1 = multiply_add(b1, v1, w1);
    b2 = multiply_add(b2, v2, w1); b3 = multiply_add(b3, v3, w1);
    b4 = multiply_add(b4, v4, w1); b5 = multiply_add(b5, v5, w1);
    b6 = multiply_add(b6, v6, w1); b7 = multiply_add(b7, v7, w1);
  }

  var sums = array<vec4f, 16>(a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7);
  // Mesa unrolls these loops: a quarter of a second more to compile, and a twentieth less for each frame.
  let tiles = min(WINOGRAD_TILES, params.tiles - tile);
  for (var b = 0u; b < BLOCKS; b++) {
    for (var t = 0u; t < tiles; t++) {
      m[((tile + t) * params.points + point) * params.out_blocks + block + b] = sums[b * WINOGRAD_TILES + t];
    }
  }
}
