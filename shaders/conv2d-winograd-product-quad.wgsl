// The products of Winograd's convolution, for adapters whose invocations run in fours: a quad shares what it loads.
//
//   m[t, p, o] = Σ_c v[t, p, c] · u[p, c, o]     for each number p of a transformed patch
//
// v [tiles, points, C/4] vec4, always float32     u [points, C/4, 4, O/4] vec4, always float32: four inputs, each
// m [tiles, points, O/4] vec4, always float32       with four outputs; O/4 is padded with zeros to a multiple of BLOCKS
//
// Where a load costs as much as thirty multiply-adds, loads decide. The four invocations along x are a quad: they make
// the same 4·FOURS tiles, each for BLOCKS blocks of four outputs of its own. Alone, each would load all tiles; here each
// loads every fourth and gets the others' by swaps, which move registers. FOURS + 4·BLOCKS loads feed 64·FOURS·BLOCKS
// multiply-adds; without the quad it would be 4·FOURS + 4·BLOCKS.
//
// Swaps want all four to be there: nobody leaves early; those outside load what lies inside, and store nothing.

enable subgroups;

struct Params {
  tiles: u32,
  points: u32,        // 16 or 36
  in_blocks: u32,     // ceil(C / 4)
  out_blocks: u32,    // ceil(O / 4)
  weight_blocks: u32, // out_blocks, rounded up to BLOCKS
}

@group(0) @binding(0) var<storage, read> v: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> u: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> m: array<vec4<f32>>;
@group(0) @binding(3) var<uniform> params: Params;

override BLOCKS: u32 = 1;  // of four output channels, of one invocation: 1 to 3
override FOURS: u32 = 4;   // of tiles, of a quad: 1, 2, 3, 4, 6 or 8
override WORKGROUP_Y: u32 = 1;

// Four inputs to four outputs.
fn weights(at: u32) -> mat4x4<f32> {
  let step = params.weight_blocks;
  return mat4x4<f32>(u[at], u[at + step], u[at + 2u * step], u[at + 3u * step]);
}

// What the quad's invocations hold, as columns: one's own and those of its neighbours `lane ^ 1`, `^ 2` and `^ 3`.
fn shared_by_quad(own: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own));
}

// The first vec4 of a tile. Tiles past the last are computed as copies of it and not stored.
fn source(point: u32, tile: u32) -> u32 {
  return (min(tile, params.tiles - 1u) * params.points + point) * params.in_blocks;
}

@compute @workgroup_size(4, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let block = gid.x * BLOCKS;
  let inside = min(block, params.weight_blocks - BLOCKS);
  let tile = gid.y * 4u * FOURS + local.x;
  let point = gid.z;

  // a to h: sums of four tiles each, for the first, second and third block of outputs. What is not used costs nothing.
  var a0 = mat4x4<f32>(); var a1 = a0; var a2 = a0;
  var b0 = mat4x4<f32>(); var b1 = b0; var b2 = b0;
  var c0 = mat4x4<f32>(); var c1 = c0; var c2 = c0;
  var d0 = mat4x4<f32>(); var d1 = d0; var d2 = d0;
  var e0 = mat4x4<f32>(); var e1 = e0; var e2 = e0;
  var f0 = mat4x4<f32>(); var f1 = f0; var f2 = f0;
  var g0 = mat4x4<f32>(); var g1 = g0; var g2 = g0;
  var h0 = mat4x4<f32>(); var h1 = h0; var h2 = h0;
  let sa = source(point, tile); let sb = source(point, tile + 4u); let sc = source(point, tile + 8u); let sd = source(point, tile + 12u);
  let se = source(point, tile + 16u); let sf = source(point, tile + 20u); let sg = source(point, tile + 24u); let sh = source(point, tile + 28u);
  for (var i = 0u; i < params.in_blocks; i++) {
    // All loads first: on a CPU they branch, and what is between two branches stays in registers.
    let at = (point * params.in_blocks + i) * 4u * params.weight_blocks + inside;
    let va = v[sa + i];
    var vb = va; var vc = va; var vd = va; var ve = va; var vf = va; var vg = va; var vh = va;
    if (FOURS > 1u) { vb = v[sb + i]; }
    if (FOURS > 2u) { vc = v[sc + i]; }
    if (FOURS > 3u) { vd = v[sd + i]; }
    if (FOURS > 4u) { ve = v[se + i]; vf = v[sf + i]; }
    if (FOURS > 6u) { vg = v[sg + i]; vh = v[sh + i]; }
    let w0 = weights(at);
    var w1 = w0;
    var w2 = w0;
    if (BLOCKS > 1u) { w1 = weights(at + 1u); }
    if (BLOCKS > 2u) { w2 = weights(at + 2u); }

    {
      let x = shared_by_quad(va);
      a0 += w0 * x;
      if (BLOCKS > 1u) { a1 += w1 * x; }
      if (BLOCKS > 2u) { a2 += w2 * x; }
    }
    if (FOURS > 1u) {
      let x = shared_by_quad(vb);
      b0 += w0 * x;
      if (BLOCKS > 1u) { b1 += w1 * x; }
      if (BLOCKS > 2u) { b2 += w2 * x; }
    }
    if (FOURS > 2u) {
      let x = shared_by_quad(vc);
      c0 += w0 * x;
      if (BLOCKS > 1u) { c1 += w1 * x; }
      if (BLOCKS > 2u) { c2 += w2 * x; }
    }
    if (FOURS > 3u) {
      let x = shared_by_quad(vd);
      d0 += w0 * x;
      if (BLOCKS > 1u) { d1 += w1 * x; }
      if (BLOCKS > 2u) { d2 += w2 * x; }
    }
    if (FOURS > 4u) {
      let x = shared_by_quad(ve);
      e0 += w0 * x;
      if (BLOCKS > 1u) { e1 += w1 * x; }
      if (BLOCKS > 2u) { e2 += w2 * x; }
    }
    if (FOURS > 4u) {
      let x = shared_by_quad(vf);
      f0 += w0 * x;
      if (BLOCKS > 1u) { f1 += w1 * x; }
      if (BLOCKS > 2u) { f2 += w2 * x; }
    }
    if (FOURS > 6u) {
      let x = shared_by_quad(vg);
      g0 += w0 * x;
      if (BLOCKS > 1u) { g1 += w1 * x; }
      if (BLOCKS > 2u) { g2 += w2 * x; }
    }
    if (FOURS > 6u) {
      let x = shared_by_quad(vh);
      h0 += w0 * x;
      if (BLOCKS > 1u) { h1 += w1 * x; }
      if (BLOCKS > 2u) { h2 += w2 * x; }
    }
  }

  // One loop keeps the code small: a large shader compiles for seconds.
  var sums = array<mat4x4<f32>, 24>(
    a0, a1, a2, b0, b1, b2, c0, c1, c2, d0, d1, d2,
    e0, e1, e2, f0, f1, f2, g0, g1, g2, h0, h1, h2);
  let blocks = min(BLOCKS, params.out_blocks - min(block, params.out_blocks));
  for (var four = 0u; four < FOURS; four++) {
    for (var r = 0u; r < 4u; r++) {
      let t = (tile + 4u * four) ^ r;
      if (t >= params.tiles) { continue; }
      let at = (t * params.points + point) * params.out_blocks + block;
      for (var b = 0u; b < blocks; b++) { m[at + b] = sums[3u * four + b][r]; }
    }
  }
}
