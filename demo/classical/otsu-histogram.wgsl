// How often each brightness occurs in a picture: the first step of Otsu's threshold (see otsu-threshold.wgsl).
//
//   histogram[b] = #{ p : brightness(p) = b },   brightness = (299 R + 587 G + 114 B + 500) / 1000, rounded down
//
// picture   [pixels], one RGBA pixel a word, red in the lowest byte
// histogram [256], zero before
//
// One invocation looks at one pixel. All of a workgroup count into a histogram of their own in workgroup memory first,
// which is then added to the one in memory: one atomic addition per brightness and workgroup there, where counting at
// once would be one per pixel, most of them on the few brightnesses that are common. Software adapters, on which barriers
// are dear, count at once: GROUPED is 0 there.

override GROUPED: bool = true;

struct Params {
  pixels: u32,
}

@group(0) @binding(0) var<storage, read> picture: array<u32>;
@group(0) @binding(1) var<storage, read_write> histogram: array<atomic<u32>, 256>;
@group(0) @binding(2) var<uniform> params: Params;

var<workgroup> counts: array<atomic<u32>, 256>;

fn brightness(pixel: u32) -> u32 {
  return (299u * (pixel & 255u) + 587u * ((pixel >> 8u) & 255u) + 114u * ((pixel >> 16u) & 255u) + 500u) / 1000u;
}

@compute @workgroup_size(256)
fn main(
  @builtin(global_invocation_id) gid: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = gid.x + gid.y * groups.x * 256u;
  if (GROUPED) {
    if (i < params.pixels) { atomicAdd(&counts[brightness(picture[i])], 1u); }
    workgroupBarrier();
    let count = atomicLoad(&counts[lane]);
    if (count > 0u) { atomicAdd(&histogram[lane], count); }
  } else if (i < params.pixels) {
    atomicAdd(&histogram[brightness(picture[i])], 1u);
  }
}
