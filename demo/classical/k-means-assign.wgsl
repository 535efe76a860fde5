// One half of a round of k-means (Lloyd 1982, "Least squares quantization in PCM"): every pixel joins the cluster whose
// centre is nearest in colour, and each cluster adds up its pixels.
//
//   labels[p] = argmin_k |picture[p] - centres[k]|²                lowest cluster on ties
//   sums[k]   = Σ_{p : labels[p] = k} (R, G, B, 1)
//
// picture [pixels], one RGBA pixel a word, red in the lowest byte
// centres [clusters], R, G, B in 0..255; the fourth component is unused
// labels  [pixels]
// sums    [clusters · 4], zero before
//
// One invocation looks at one pixel; a workgroup adds up in its own memory first, so that memory sees one atomic
// addition per cluster and workgroup rather than one per pixel. All arithmetic is in integers, in which the order of
// additions does not matter: the result is the same on every GPU. Software adapters, on which barriers are dear, add to
// memory at once: GROUPED is 0 there.

override GROUPED: bool = true;

struct Params {
  pixels: u32,
  clusters: u32, // at most 16
}

@group(0) @binding(0) var<storage, read> picture: array<u32>;
@group(0) @binding(1) var<storage, read> centres: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> labels: array<u32>;
@group(0) @binding(3) var<storage, read_write> sums: array<atomic<u32>>;
@group(0) @binding(4) var<uniform> params: Params;

var<workgroup> partial: array<atomic<u32>, 64>;

@compute @workgroup_size(256)
fn main(
  @builtin(global_invocation_id) gid: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = gid.x + gid.y * groups.x * 256u;
  var colour = vec3u(0u);
  var nearest = 0u;
  if (i < params.pixels) {
    let pixel = picture[i];
    colour = vec3u(pixel & 255u, (pixel >> 8u) & 255u, (pixel >> 16u) & 255u);
    var least = 0xffffffffu;
    for (var k = 0u; k < params.clusters; k++) {
      let apart = max(colour, centres[k].xyz) - min(colour, centres[k].xyz);
      let distance = dot(apart, apart);
      if (distance < least) { least = distance; nearest = k; }
    }
    labels[i] = nearest;
  }
  if (GROUPED) {
    if (i < params.pixels) {
      atomicAdd(&partial[nearest * 4u], colour.x);
      atomicAdd(&partial[nearest * 4u + 1u], colour.y);
      atomicAdd(&partial[nearest * 4u + 2u], colour.z);
      atomicAdd(&partial[nearest * 4u + 3u], 1u);
    }
    workgroupBarrier();
    if (lane < params.clusters * 4u) {
      let sum = atomicLoad(&partial[lane]);
      if (sum > 0u) { atomicAdd(&sums[lane], sum); }
    }
  } else if (i < params.pixels) {
    atomicAdd(&sums[nearest * 4u], colour.x);
    atomicAdd(&sums[nearest * 4u + 1u], colour.y);
    atomicAdd(&sums[nearest * 4u + 2u], colour.z);
    atomicAdd(&sums[nearest * 4u + 3u], 1u);
  }
}
