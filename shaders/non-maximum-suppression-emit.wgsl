// Packs the boxes that all classes kept into rows, by image, class and descending score; rows that are left over get
// -1 in indices and 0 in detections.
//
// boxes       [N, B] vec4                              scores   [N, C, B] or [N, B, C], by its strides
// classes     [N, B] the class of each box, if it has one
// kept        [slots, max_per_class] box indices       starts   [slots + 1] the row at which each slot begins
// indices     [rows, 3] image, class, box              detections  [rows, 6] corners, score, class
//
// One invocation makes one row. Which slot a row belongs to it finds by bisection of starts: log2(slots) steps, where
// going through them from the first would take half of all slots on average.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct Params {
  boxes: u32,             // where boxes begin, in vec4s
  scores: u32,            // where scores, indices and detections begin
  classes: u32,           // where classes begin
  indices: u32,
  detections: u32,
  image_step: u32,        // of scores
  class_step: u32,
  box_step: u32,
  box_count: u32,         // of an image
  class_count: u32,       // that take part
  first_class: u32,
  slots: u32,
  max_per_class: u32,
  rows: u32,
}

@group(0) @binding(0) var<storage, read> boxes: array<Vec4>;
@group(0) @binding(1) var<storage, read> scores: array<Scalar>;
@group(0) @binding(2) var<storage, read> classes: array<i32>;
@group(0) @binding(3) var<storage, read> kept: array<u32>;
@group(0) @binding(4) var<storage, read> starts: array<u32>;
@group(0) @binding(5) var<storage, read_write> indices: array<i32>;
@group(0) @binding(6) var<storage, read_write> detections: array<Scalar>;
@group(0) @binding(7) var<uniform> params: Params;

override CENTER: bool = false;  // boxes are centre and size rather than two corners
override CLASSES: bool = false; // each box has one class
override WORKGROUP: u32 = 64;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = gid.x + gid.y * groups.x * WORKGROUP;
  if (row >= params.rows) { return; }
  let index = params.indices + row * 3u;
  let detection = params.detections + row * 6u;
  if (row >= starts[params.slots]) {
    for (var i = 0u; i < 3u; i++) { indices[index + i] = -1; }
    for (var i = 0u; i < 6u; i++) { detections[detection + i] = Scalar(0.0); }
    return;
  }
  // The last slot that begins at or before this row; low begins there or before, high after.
  var low = 0u;
  var high = params.slots;
  while (high - low > 1u) {
    let middle = (low + high) / 2u;
    if (starts[middle] <= row) { low = middle; } else { high = middle; }
  }
  let image = low / params.class_count;
  let score_class = low % params.class_count + params.first_class;
  let box = kept[low * params.max_per_class + row - starts[low]];
  let score = scores[params.scores + image * params.image_step + score_class * params.class_step + box * params.box_step];
  var class_index = score_class;
  if (CLASSES) { class_index = u32(classes[params.classes + image * params.box_count + box]); }

  let b = vec4f(boxes[params.boxes + image * params.box_count + box]);
  var corners = vec4f(min(b.xy, b.zw), max(b.xy, b.zw));
  if (CENTER) { corners = vec4f(b.xy - b.zw / 2.0, b.xy + b.zw / 2.0); }
  indices[index] = i32(image);
  indices[index + 1u] = i32(class_index);
  indices[index + 2u] = i32(box);
  detections[detection] = Scalar(corners.x);
  detections[detection + 1u] = Scalar(corners.y);
  detections[detection + 2u] = Scalar(corners.z);
  detections[detection + 3u] = Scalar(corners.w);
  detections[detection + 4u] = score;
  detections[detection + 5u] = Scalar(class_index);
}
