// The products of Winograd's convolution, for adapters whose invocations run in fours: a quad shares what it loads.
//
//   m[t, p, o] = Σ_c v[t, p, c] · u[p, c, o]     for each number p of a transformed patch
//
// v [tiles, points, C/4] vec4, always float32     u [points, C/4, 4, O/4] vec4, always float32: four inputs, each
// m [tiles, points, O/4] vec4, always float32       with four outputs
//
// Where a load costs as much as thirty multiply-adds, loads decide. The four invocations along x are a quad: they make
// the same 16 tiles, each for its own block of four outputs. Alone, each would load all 16 tiles; here each loads
// every fourth and gets the others' by swaps, which move registers. In step r an invocation holds the tile of its
// neighbour `lane ^ r`, and adds to the sum of that tile: 4 + 4 loads for 256 multiply-adds, where
// conv2d-winograd-product takes 16.
//
// Swaps want all four to be there: nobody leaves early; those outside load what lies inside, and store nothing.

enable subgroups;

struct Params {
  tiles: u32,
  points: u32,        // 16 or 36
  in_blocks: u32,     // ceil(C / 4)
  out_blocks: u32,    // ceil(O / 4)
  weight_blocks: u32, // out_blocks
}

@group(0) @binding(0) var<storage, read> v: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> u: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> m: array<vec4<f32>>;
@group(0) @binding(3) var<uniform> params: Params;

override WORKGROUP_Y: u32 = 1;

// Four inputs to four outputs.
fn weights(at: u32) -> mat4x4<f32> {
  let step = params.weight_blocks;
  return mat4x4<f32>(u[at], u[at + step], u[at + 2u * step], u[at + 3u * step]);
}

// The first vec4 of a tile. Tiles past the last are computed as copies of it and not stored.
fn source(point: u32, tile: u32) -> u32 {
  return (min(tile, params.tiles - 1u) * params.points + point) * params.in_blocks;
}

fn store(sum: vec4<f32>, point: u32, tile: u32, block: u32) {
  if (tile >= params.tiles || block >= params.out_blocks) { return; }
  m[(tile * params.points + point) * params.out_blocks + block] = sum;
}

// Four tiles in the order that the swaps bring them; `own` is the first.
fn store_four(s0: vec4<f32>, s1: vec4<f32>, s2: vec4<f32>, s3: vec4<f32>, point: u32, own: u32, block: u32) {
  store(s0, point, own, block);
  store(s1, point, own ^ 1u, block);
  store(s2, point, own ^ 2u, block);
  store(s3, point, own ^ 3u, block);
}

@compute @workgroup_size(4, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let lane = local.x;
  let block = min(gid.x, params.out_blocks - 1u);
  let tile = gid.y * 16u;
  let point = gid.z;

  // a: sums of tiles 0 to 3, then b, c and d; each in the order that the swaps bring them
  var a0 = vec4<f32>(0.0); var a1 = a0; var a2 = a0; var a3 = a0;
  var b0 = a0; var b1 = a0; var b2 = a0; var b3 = a0;
  var c0 = a0; var c1 = a0; var c2 = a0; var c3 = a0;
  var d0 = a0; var d1 = a0; var d2 = a0; var d3 = a0;
  let ta = source(point, tile + lane); let tb = source(point, tile + 4u + lane);
  let tc = source(point, tile + 8u + lane); let td = source(point, tile + 12u + lane);
  for (var c = 0u; c < params.in_blocks; c++) {
    // All loads first: on a CPU they branch, and what is between two branches stays in registers.
    let va = v[ta + c]; let vb = v[tb + c]; let vc = v[tc + c]; let vd = v[td + c];
    let w = weights((point * params.in_blocks + c) * 4u * params.weight_blocks + block);
    a0 += w * va; a1 += w * quadSwapX(va); a2 += w * quadSwapY(va); a3 += w * quadSwapDiagonal(va);
    b0 += w * vb; b1 += w * quadSwapX(vb); b2 += w * quadSwapY(vb); b3 += w * quadSwapDiagonal(vb);
    c0 += w * vc; c1 += w * quadSwapX(vc); c2 += w * quadSwapY(vc); c3 += w * quadSwapDiagonal(vc);
    d0 += w * vd; d1 += w * quadSwapX(vd); d2 += w * quadSwapY(vd); d3 += w * quadSwapDiagonal(vd);
  }

  store_four(a0, a1, a2, a3, point, tile + lane, gid.x);
  store_four(b0, b1, b2, b3, point, tile + 4u + lane, gid.x);
  store_four(c0, c1, c2, c3, point, tile + 8u + lane, gid.x);
  store_four(d0, d1, d2, d3, point, tile + 12u + lane, gid.x);
}
