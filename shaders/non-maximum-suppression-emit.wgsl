// Packs the boxes that all classes kept into rows, by image, class and descending score; rows that are left over get
// -1 in indices and 0 in detections.
//
// boxes       [N, B] vec4                              scores   [N, C, B] or [N, B, C], by its strides
// classes     [N, B] the class of each box, if it has one
// kept        [slots, max_per_class] box indices; behind them [slots] how many
// indices     [rows, 3] image, class, box              detections   [rows, 6] corners, score, class
// count       [1] int32
//
// A workgroup packs a slot, a class of an image. Its rows begin where those of the slots before it end: its invocations add
// up what these kept. That is cheap for a few hundred slots; prefix sums by a launch of their own would take longer. The rows
// that are left over are shared out among all workgroups.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct Params {
  boxes: u32,             // where boxes begin, in vec4s
  scores: u32,            // where scores, indices and detections begin
  classes: u32,           // where classes begin
  indices: u32,
  detections: u32,
  count: u32,             // where count is
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
@group(0) @binding(4) var<storage, read_write> indices: array<i32>;
@group(0) @binding(5) var<storage, read_write> detections: array<Scalar>;
@group(0) @binding(6) var<storage, read_write> count: array<i32>;
@group(0) @binding(7) var<uniform> params: Params;

override CENTER: bool = false;  // boxes are centre and size rather than two corners
override CLASSES: bool = false; // each box has one class
override WORKGROUP: u32 = 64;

var<workgroup> before: atomic<u32>;  // rows of the slots before, and of all
var<workgroup> total: atomic<u32>;

fn write_row(row: u32, image: u32, score_class: u32, box: u32) {
  let score = scores[params.scores + image * params.image_step + score_class * params.class_step + box * params.box_step];
  var class_index = score_class;
  if (CLASSES) { class_index = u32(classes[params.classes + image * params.box_count + box]); }

  let b = vec4f(boxes[params.boxes + image * params.box_count + box]);
  var corners = vec4f(min(b.xy, b.zw), max(b.xy, b.zw));
  if (CENTER) { corners = vec4f(b.xy - b.zw / 2.0, b.xy + b.zw / 2.0); }
  let index = params.indices + row * 3u;
  indices[index] = i32(image);
  indices[index + 1u] = i32(class_index);
  indices[index + 2u] = i32(box);
  let detection = params.detections + row * 6u;
  for (var i = 0u; i < 4u; i++) { detections[detection + i] = Scalar(corners[i]); }
  detections[detection + 4u] = score;
  detections[detection + 5u] = Scalar(class_index);
}

fn clear_row(row: u32) {
  for (var i = 0u; i < 3u; i++) { indices[params.indices + row * 3u + i] = -1; }
  for (var i = 0u; i < 6u; i++) { detections[params.detections + row * 6u + i] = Scalar(0.0); }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let slot = group.x + group.y * groups.x;
  if (slot >= max(params.slots, 1u)) { return; }
  let first_count = params.slots * params.max_per_class;
  for (var other = local; other < params.slots; other += WORKGROUP) {
    let kept_of_other = kept[first_count + other];
    if (other < slot) { atomicAdd(&before, kept_of_other); }
    atomicAdd(&total, kept_of_other);
  }
  workgroupBarrier();
  let first_row = atomicLoad(&before);
  let all_rows = atomicLoad(&total);
  let image = slot / params.class_count;
  let score_class = slot % params.class_count + params.first_class;
  // Without slots there is still a count to write, but no row.
  let own_rows = min(kept[first_count + slot], all_rows);
  for (var i = local; i < own_rows; i += WORKGROUP) {
    write_row(first_row + i, image, score_class, kept[slot * params.max_per_class + i]);
  }
  for (var row = all_rows + slot * WORKGROUP + local; row < params.rows; row += params.slots * WORKGROUP) {
    clear_row(row);
  }
  if (slot == 0u && local == 0u) { count[params.count] = i32(all_rows); }
}
