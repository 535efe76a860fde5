// The products of Winograd's convolution, for adapters whose subgroups have four invocations, which share their loads.
//
//   m[t, p, o] = Σ_c v[t, p, c] · u[p, c, o]     for each number p of a transformed patch
//
// v [tiles, points, C/4] vec4, always float32     u [points, C/4, O/4] mat4x4, always float32: four inputs by
// m [tiles, points, O/4] vec4, always float32       four outputs
//
// Quads are whole: O/4 is padded to a multiple of 4·BLOCKS, in u with zeros, and the tiles of m to one of 4·PIXEL_GROUPS.
//
// Where a load costs as much as thirty multiply-adds, loads decide. The four invocations along x are a quad: they make
// the same 4·PIXEL_GROUPS tiles, each for BLOCKS blocks of four outputs of its own. Alone, each would load all tiles; here each
// loads every fourth and gets the others' by swaps, which move registers. PIXEL_GROUPS + 4·BLOCKS loads feed 64·PIXEL_GROUPS·BLOCKS
// multiply-adds; without the quad it would be 4·PIXEL_GROUPS + 4·BLOCKS.

enable subgroups;

struct Params {
  tiles: u32,
  points: u32,      // 16, 36 or 64
  in_blocks: u32,   // ceil(C / 4)
  out_blocks: u32,  // ceil(O / 4), padded
}

@group(0) @binding(0) var<storage, read> v: array<vec4f>;
@group(0) @binding(1) var<storage, read> u: array<mat4x4f>;
@group(0) @binding(2) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

// The tiles that a quad can make: groups of four Winograd tiles, and blocks of four output channels per invocation.
const TILES = array(vec2u(4, 3), vec2u(8, 1), vec2u(3, 3), vec2u(1, 3));
override PIXEL_GROUPS: u32 = 4;
override BLOCKS: u32 = 1;
override WORKGROUP_Y: u32 = 1;

// The vec4s of a quad's invocations as columns: the invocation's own, then those of lanes `^ 1`, `^ 2` and `^ 3`.
fn shared_by_quad(own: vec4f) -> mat4x4f {
  return mat4x4f(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own));
}

// The first vec4 of a tile, and of the last for those past it.
fn source(point: u32, tile: u32) -> u32 {
  return (min(tile, params.tiles - 1u) * params.points + point) * params.in_blocks;
}

// Four tiles: the invocation's own and those that it took from its neighbours.
fn store(sum: mat4x4f, tile: u32, point: u32, block: u32) {
  let step = params.points * params.out_blocks;
  let at = point * params.out_blocks + block;
  m[tile * step + at] = sum[0];
  m[(tile ^ 1u) * step + at] = sum[1];
  m[(tile ^ 2u) * step + at] = sum[2];
  m[(tile ^ 3u) * step + at] = sum[3];
}

@compute @workgroup_size(4, WORKGROUP_Y)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(local_invocation_id) local: vec3u) {
  // Never true. Indices are clamped to their array's length, for which SwiftShader would divide in each turn of a loop.
  if (min(arrayLength(&v), arrayLength(&u)) == 0u) { return; }
  let block = gid.x * BLOCKS;
  let tile = gid.y * 4u * PIXEL_GROUPS + local.x;
  let point = gid.z;

  // a to h: sums of four tiles each, for the first, second and third block of outputs. Eight come with one block alone.
  var a0 = mat4x4f(); var b0 = a0; var c0 = a0; var d0 = a0; var e0 = a0; var f0 = a0; var g0 = a0; var h0 = a0;
  var a1 = a0; var b1 = a0; var c1 = a0; var d1 = a0;
  var a2 = a0; var b2 = a0; var c2 = a0; var d2 = a0;
  let sa = source(point, tile); let sb = source(point, tile + 4u);
  let sc = source(point, tile + 8u); let sd = source(point, tile + 12u);
  let se = source(point, tile + 16u); let sf = source(point, tile + 20u);
  let sg = source(point, tile + 24u); let sh = source(point, tile + 28u);
  for (var i = 0u; i < params.in_blocks; i++) {
    // All loads first: on a CPU they branch, and what is between two branches stays in registers.
    let at = (point * params.in_blocks + i) * params.out_blocks + block;
    let va = v[sa + i];
    var vb = va; var vc = va; var vd = va; var ve = va; var vf = va; var vg = va; var vh = va;
    if (PIXEL_GROUPS > 1u) { vb = v[sb + i]; }
    if (PIXEL_GROUPS > 2u) { vc = v[sc + i]; }
    if (PIXEL_GROUPS > 3u) { vd = v[sd + i]; }
    if (PIXEL_GROUPS > 4u) { ve = v[se + i]; vf = v[sf + i]; vg = v[sg + i]; vh = v[sh + i]; }
    let w0 = u[at];
    var w1 = w0;
    var w2 = w0;
    if (BLOCKS > 1u) { w1 = u[at + 1u]; }
    if (BLOCKS > 2u) { w2 = u[at + 2u]; }

    {
      let x = shared_by_quad(va); a0 += w0 * x; if (BLOCKS > 1u) { a1 += w1 * x; } if (BLOCKS > 2u) { a2 += w2 * x; }
    }
    if (PIXEL_GROUPS > 1u) {
      let x = shared_by_quad(vb); b0 += w0 * x; if (BLOCKS > 1u) { b1 += w1 * x; } if (BLOCKS > 2u) { b2 += w2 * x; }
    }
    if (PIXEL_GROUPS > 2u) {
      let x = shared_by_quad(vc); c0 += w0 * x; if (BLOCKS > 1u) { c1 += w1 * x; } if (BLOCKS > 2u) { c2 += w2 * x; }
    }
    if (PIXEL_GROUPS > 3u) {
      let x = shared_by_quad(vd); d0 += w0 * x; if (BLOCKS > 1u) { d1 += w1 * x; } if (BLOCKS > 2u) { d2 += w2 * x; }
    }
    if (PIXEL_GROUPS > 4u) {
      let xe = shared_by_quad(ve); e0 += w0 * xe;
      let xf = shared_by_quad(vf); f0 += w0 * xf;
      let xg = shared_by_quad(vg); g0 += w0 * xg;
      let xh = shared_by_quad(vh); h0 += w0 * xh;
    }
  }

  store(a0, tile, point, block);
  if (PIXEL_GROUPS > 1u) { store(b0, tile + 4u, point, block); }
  if (PIXEL_GROUPS > 2u) { store(c0, tile + 8u, point, block); }
  if (PIXEL_GROUPS > 3u) { store(d0, tile + 12u, point, block); }
  if (PIXEL_GROUPS > 4u) {
    store(e0, tile + 16u, point, block); store(f0, tile + 20u, point, block);
    store(g0, tile + 24u, point, block); store(h0, tile + 28u, point, block);
  }
  if (BLOCKS > 1u) {
    store(a1, tile, point, block + 1u);
    if (PIXEL_GROUPS > 1u) { store(b1, tile + 4u, point, block + 1u); }
    if (PIXEL_GROUPS > 2u) { store(c1, tile + 8u, point, block + 1u); }
    if (PIXEL_GROUPS > 3u) { store(d1, tile + 12u, point, block + 1u); }
  }
  if (BLOCKS > 2u) {
    store(a2, tile, point, block + 2u);
    if (PIXEL_GROUPS > 1u) { store(b2, tile + 4u, point, block + 2u); }
    if (PIXEL_GROUPS > 2u) { store(c2, tile + 8u, point, block + 2u); }
    if (PIXEL_GROUPS > 3u) { store(d2, tile + 12u, point, block + 2u); }
  }
}
