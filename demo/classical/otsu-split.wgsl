// Splits a picture at a brightness: the last step of Otsu's threshold (see otsu-threshold.wgsl).
//
//   labels[p] = brightness(p) > threshold
//
// picture   [pixels], one RGBA pixel a word, red in the lowest byte
// threshold [1]
// labels    [pixels], 0 or 1
//
// One invocation makes one label. The threshold never leaves the GPU in between.

struct Params {
  pixels: u32,
}

@group(0) @binding(0) var<storage, read> picture: array<u32>;
@group(0) @binding(1) var<storage, read> threshold: array<u32>;
@group(0) @binding(2) var<storage, read_write> labels: array<u32>;
@group(0) @binding(3) var<uniform> params: Params;

fn brightness(pixel: u32) -> u32 {
  return (299u * (pixel & 255u) + 587u * ((pixel >> 8u) & 255u) + 114u * ((pixel >> 16u) & 255u) + 500u) / 1000u;
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * 256u;
  if (i >= params.pixels) { return; }
  labels[i] = select(0u, 1u, brightness(picture[i]) > threshold[0]);
}
