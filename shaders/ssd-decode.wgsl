// Turns the offsets that an SSD head predicts into boxes (Liu et al. 2016, section 2.2).
//
//   centre = default.centre + offset.xy · center_variance · default.size
//   size   = default.size · exp(offset.zw · size_variance)
//   box    = (centre - size / 2, centre + size / 2), with `clip` cut to 0 … 1
//
// offsets   [N, B] vec4: dx, dy, dw, dh; may be a column of wider rows, as a head makes them beside its classes
// defaults  [B] vec4: centre x, centre y, width, height as fractions of the picture
// boxes     [N, B] vec4: xmin, ymin, xmax, ymax as fractions of the picture
//
// One invocation makes one box. There is nothing to share.

alias Vec4 = vec4<f32>;

struct Params {
  offsets: u32,        // where each tensor begins, in vec4s
  offsets_image: u32,  // from one image's offsets to the next, and from one box's
  offsets_box: u32,
  defaults: u32,
  boxes: u32,
  size: u32,           // boxes of all images
  per_image: u32,
  clip: u32,
  center_variance: f32,
  size_variance: f32,
}

@group(0) @binding(0) var<storage, read> offsets: array<Vec4>;
@group(0) @binding(1) var<storage, read> defaults: array<Vec4>;
@group(0) @binding(2) var<storage, read_write> boxes: array<Vec4>;
@group(0) @binding(3) var<uniform> params: Params;

override WORKGROUP: u32 = 64;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  let index = i % params.per_image;
  let at = params.offsets + i / params.per_image * params.offsets_image + index * params.offsets_box;
  let offset = vec4f(offsets[at]);
  let prior = vec4f(defaults[params.defaults + index]);
  let center = prior.xy + offset.xy * params.center_variance * prior.zw;
  let half_size = prior.zw * exp(offset.zw * params.size_variance) / 2.0;
  var box = vec4f(center - half_size, center + half_size);
  if (params.clip != 0u) { box = clamp(box, vec4f(0.0), vec4f(1.0)); }
  boxes[params.boxes + i] = Vec4(box);
}
