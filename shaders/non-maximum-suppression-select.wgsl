// Greedy non-maximum suppression of a class with more than 1,024 boxes above the score threshold, which
// non-maximum-suppression-sort.wgsl marked OVERFLOW: repeated selection, for any number of boxes.
//
//   choose the best box that is left (of equals the lower one), keep it, remove those that overlap it too much
//
// boxes     [N, B] vec4               scores  [N, C, B] or [N, B, C], by its strides
// classes   [N, B] the class of each box, if it has one and there is one score for each box: then an image is one slot
// keys      [slots, B] scores as ordered integers, 0 for boxes that are out: memory of this pass alone
// kept      [slots, max_per_class] box indices, best first      kept_counts  [slots]
//
// A slot is a class of an image, and a workgroup's work; slots that are done already cost a look. In each round every
// invocation goes once through its boxes, removes what overlaps the last one kept and looks for its best; the bests
// meet in workgroup memory. That is max_per_class passes over B boxes, where sorting them would not fit this memory.

alias Scalar = f32;
alias Vec4 = vec4<f32>;

struct Params {
  boxes: u32,             // where boxes begin, in vec4s
  scores: u32,            // where scores begin
  image_step: u32,        // of scores
  class_step: u32,
  box_step: u32,
  box_count: u32,         // of an image
  class_count: u32,       // that take part
  first_class: u32,
  classes: u32,           // where classes begin
  slots: u32,
  max_per_class: u32,
  score_threshold: f32,
  iou_threshold: f32,
}

@group(0) @binding(0) var<storage, read> boxes: array<Vec4>;
@group(0) @binding(1) var<storage, read> scores: array<Scalar>;
@group(0) @binding(2) var<storage, read> classes: array<i32>;
@group(0) @binding(3) var<storage, read_write> keys: array<u32>;
@group(0) @binding(4) var<storage, read_write> kept: array<u32>;
@group(0) @binding(5) var<storage, read_write> kept_counts: array<u32>;
@group(0) @binding(6) var<uniform> params: Params;

override CENTER: bool = false;  // boxes are centre and size rather than two corners
override CLASSES: bool = false; // each box has one class, and is compared with boxes of that class alone
override WORKGROUP: u32 = 64;   // a power of two

const OVERFLOW = 0xffffffffu;

var<workgroup> is_open: u32;
var<workgroup> best_keys: array<u32, WORKGROUP>;
var<workgroup> best_boxes: array<u32, WORKGROUP>;
var<workgroup> winner: vec2u;  // key, box

// Integers in the order of the scores, both zeros alike; 0 for NaN, and for what was removed.
fn key_of(score: f32) -> u32 {
  let bits = bitcast<u32>(score);
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) { return 0u; }
  return select(0x80000000u + magnitude, 0x80000000u - magnitude, bits > 0x80000000u);
}

fn corners_of(image: u32, box: u32) -> vec4f {
  let b = vec4f(boxes[params.boxes + image * params.box_count + box]);
  if (CENTER) { return vec4f(b.xy - b.zw / 2.0, b.xy + b.zw / 2.0); }
  return vec4f(min(b.xy, b.zw), max(b.xy, b.zw));
}

// The select keeps compilers from fusing the product into a sum, which would round it otherwise than the reference.
fn area(c: vec4f) -> f32 {
  let size = c.zw - c.xy;
  return select(0.0, size.x * size.y, all(size > vec2f(0.0)));
}

// Whether two boxes of an image may be the same thing.
fn are_rivals(image: u32, a: u32, b: u32) -> bool {
  let first = params.classes + image * params.box_count;
  return !CLASSES || classes[first + a] == classes[first + b];
}

// Whether intersection over union is above the threshold; without a division, which need not be rounded exactly.
fn overlap(p: vec4f, q: vec4f) -> bool {
  let intersection = area(vec4f(max(p.xy, q.xy), min(p.zw, q.zw)));
  return intersection > params.iou_threshold * (area(p) + area(q) - intersection);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let slot = group.x + group.y * groups.x;
  if (slot >= params.slots) { return; }
  if (local == 0u) { is_open = select(0u, 1u, kept_counts[slot] == OVERFLOW); }
  if (workgroupUniformLoad(&is_open) == 0u) { return; }
  let image = slot / params.class_count;
  let first_score = params.scores + image * params.image_step +
    (slot % params.class_count + params.first_class) * params.class_step;
  let first_key = slot * params.box_count;

  let threshold = key_of(params.score_threshold);
  for (var box = local; box < params.box_count; box += WORKGROUP) {
    let key = key_of(f32(scores[first_score + box * params.box_step]));
    keys[first_key + box] = select(0u, key, key > threshold);
  }

  var last = OVERFLOW;
  var corners = vec4f(0.0);
  var kept_count = 0u;
  loop {
    if (kept_count == params.max_per_class) { break; }
    var best_key = 0u;
    var best = OVERFLOW;
    for (var box = local; box < params.box_count; box += WORKGROUP) {
      var key = keys[first_key + box];
      if (key == 0u) { continue; }
      if (last != OVERFLOW && are_rivals(image, last, box) && (box == last || overlap(corners, corners_of(image, box)))) {
        key = 0u;
        keys[first_key + box] = 0u;
      }
      if (key > best_key) {
        best_key = key;
        best = box;
      }
    }
    best_keys[local] = best_key;
    best_boxes[local] = best;
    for (var step = WORKGROUP / 2u; step > 0u; step /= 2u) {
      workgroupBarrier();
      if (local < step) {
        let key = best_keys[local + step];
        let box = best_boxes[local + step];
        if (key > best_keys[local] || (key == best_keys[local] && (box < best_boxes[local]))) {
          best_keys[local] = key;
          best_boxes[local] = box;
        }
      }
    }
    if (local == 0u) { winner = vec2u(best_keys[0], best_boxes[0]); }
    let chosen = workgroupUniformLoad(&winner);
    if (chosen.x == 0u) { break; }
    last = chosen.y;
    corners = corners_of(image, last);
    if (local == 0u) { kept[slot * params.max_per_class + kept_count] = last; }
    kept_count++;
  }
  if (local == 0u) { kept_counts[slot] = kept_count; }
}
