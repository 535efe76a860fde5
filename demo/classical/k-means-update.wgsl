// The other half of a round of k-means (see k-means-assign.wgsl): each centre moves to the mean of its pixels, rounded
// to a whole colour, and the sums are cleared for the next round.
//
//   centres[k] = round(Σ picture / n_k)      a cluster without pixels stays where it is
//
// sums    [clusters · 4]: the clusters' sums of R, G, B, and how many pixels they have
// centres [clusters], R, G, B in 0..255 and the number of pixels
//
// One invocation moves one centre. Rounding to whole colours keeps every step exact, and lets the rounds come to rest.

struct Params {
  clusters: u32,
}

@group(0) @binding(0) var<storage, read_write> sums: array<u32>;
@group(0) @binding(1) var<storage, read_write> centres: array<vec4u>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(16)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  let k = gid.x;
  if (k >= params.clusters) { return; }
  let sum = vec3u(sums[k * 4u], sums[k * 4u + 1u], sums[k * 4u + 2u]);
  let count = sums[k * 4u + 3u];
  if (count > 0u) {
    centres[k] = vec4u((sum + count / 2u) / count, count);
  } else {
    centres[k].w = 0u;
  }
  for (var c = 0u; c < 4u; c++) { sums[k * 4u + c] = 0u; }
}
