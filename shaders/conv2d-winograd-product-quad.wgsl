// The products of Winograd's convolution, for adapters whose invocations run in fours: a quad shares what it loads.
//
//   m[t, p, o] = Σ_c v[t, p, c] · u[p, c, o]     for each number p of a transformed patch
//
// v [tiles, points, C/4] vec4, always float32     u [points, C/4, 4, O/4] vec4, always float32: four inputs, each
// m [tiles, points, O/4] vec4, always float32       with four outputs; O/4 is padded with zeros to a multiple of BLOCKS
//
// Where a load costs as much as thirty multiply-adds, loads decide. The four invocations along x are a quad: they make
// the same 12 tiles (4 or 8 where there are few), each for BLOCKS blocks of four outputs of its own. Alone, each would
// load all 12 tiles; here each loads every fourth and gets the others' by swaps, which move registers. 3 + 4·BLOCKS
// loads feed 192·BLOCKS multiply-adds; without the quad it would be 12 + 4·BLOCKS.
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

override BLOCKS: u32 = 1;  // of four output channels, of one invocation: 1 or 3
override FOURS: u32 = 3;   // of tiles, of a quad: 1 to 3
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

  // a, b and c: sums of four tiles each, for the first, second and third block of outputs
  var a0 = mat4x4<f32>(); var b0 = mat4x4<f32>(); var c0 = mat4x4<f32>();
  var a1 = mat4x4<f32>(); var b1 = mat4x4<f32>(); var c1 = mat4x4<f32>();
  var a2 = mat4x4<f32>(); var b2 = mat4x4<f32>(); var c2 = mat4x4<f32>();
  let sa = source(point, tile); let sb = source(point, tile + 4u); let sc = source(point, tile + 8u);
  for (var c = 0u; c < params.in_blocks; c++) {
    let at = (point * params.in_blocks + c) * 4u * params.weight_blocks + inside;
    // All loads first: on a CPU they branch, and what is between two branches stays in registers.
    let va = v[sa + c];
    var vb = va;
    var vc = va;
    if (FOURS > 1u) { vb = v[sb + c]; }
    if (FOURS > 2u) { vc = v[sc + c]; }
    let w0 = weights(at);
    var w1 = w0;
    var w2 = w0;
    if (BLOCKS > 1u) { w1 = weights(at + 1u); w2 = weights(at + 2u); }
    let xa = shared_by_quad(va); let xb = shared_by_quad(vb); let xc = shared_by_quad(vc);
    a0 += w0 * xa;
    if (FOURS > 1u) { b0 += w0 * xb; }
    if (FOURS > 2u) { c0 += w0 * xc; }
    if (BLOCKS > 1u) {
      a1 += w1 * xa; a2 += w2 * xa;
      if (FOURS > 1u) { b1 += w1 * xb; b2 += w2 * xb; }
      if (FOURS > 2u) { c1 += w1 * xc; c2 += w2 * xc; }
    }
  }

  // One loop keeps the code small: a large shader compiles for seconds.
  var sums = array<mat4x4<f32>, 9>(a0, b0, c0, a1, b1, c1, a2, b2, c2);
  let blocks = min(BLOCKS, params.out_blocks - min(block, params.out_blocks));
  for (var b = 0u; b < blocks; b++) {
    for (var four = 0u; four < FOURS; four++) {
      for (var r = 0u; r < 4u; r++) {
        let t = (tile + 4u * four) ^ r;
        if (t < params.tiles) { m[(t * params.points + point) * params.out_blocks + block + b] = sums[3u * b + four][r]; }
      }
    }
  }
}
