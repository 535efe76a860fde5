// Greedy non-maximum suppression of one image's class, if at most CAPACITY boxes pass the score threshold: the first of the
// passes select, scan and emit, and the one that does the work of all usual classes.
//
//   best score first (of equals the lower box): keep the box, remove those that overlap it by more than the threshold
//
// boxes     [N, B] vec4               scores  [N, C, B] or [N, B, C], by its strides
// classes   [N, B] the class of each box, if it has one and there is one score for each box: then an image is one slot
// kept      [slots, max_per_class] box indices, best first      kept_counts  [slots]
//
// A slot is a class of an image, and a workgroup's work. It gathers the boxes above the threshold into workgroup memory
// in whatever order, sorts them as top-k-sort.wgsl does (the order is total: the gathering does not change the result),
// and then goes down the list: one invocation looks for the next that is left, all of them test it against the rest.
// The naive kernel, one invocation per class, would compute every overlap one after the other.
// Workgroup memory holds keys and places, 8 KiB for 1,024 boxes. A slot with more is marked OVERFLOW for the next pass.

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
@group(0) @binding(3) var<storage, read_write> kept: array<u32>;
@group(0) @binding(4) var<storage, read_write> kept_counts: array<u32>;
@group(0) @binding(5) var<uniform> params: Params;

override CENTER: bool = false;  // boxes are centre and size rather than two corners
override CLASSES: bool = false; // each box has one class, and is compared with boxes of that class alone
override WORKGROUP: u32 = 64;
override CAPACITY: u32 = 1024;  // a power of two

const OVERFLOW = 0xffffffffu;

var<workgroup> found: atomic<u32>;
var<workgroup> candidate_count: u32;
var<workgroup> next: u32;
var<workgroup> keys: array<u32, CAPACITY>;
var<workgroup> places: array<u32, CAPACITY>;

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

fn comes_before(a: u32, b: u32) -> bool {
  return keys[a] > keys[b] || (keys[a] == keys[b] && (places[a] < places[b]));
}

// Sorts the first `count` keys and their places, a power of two of them, by a bitonic network (Batcher 1968).
fn sort_keys(count: u32, local: u32) {
  for (var span = 2u; span <= count; span *= 2u) {
    for (var stride = span / 2u; stride > 0u; stride /= 2u) {
      workgroupBarrier();
      for (var pair = local; pair < count / 2u; pair += WORKGROUP) {
        let a = 2u * pair - (pair & (stride - 1u));
        let b = a + stride;
        let ascending = (a & span) != 0u;
        if (comes_before(b, a) != ascending) {
          let key = keys[a];
          let place = places[a];
          keys[a] = keys[b];
          places[a] = places[b];
          keys[b] = key;
          places[b] = place;
        }
      }
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let slot = group.x + group.y * groups.x;
  if (slot >= params.slots) { return; }
  let image = slot / params.class_count;
  let first_score = params.scores + image * params.image_step +
    (slot % params.class_count + params.first_class) * params.class_step;

  if (local == 0u) { atomicStore(&found, 0u); }
  workgroupBarrier();
  let threshold = key_of(params.score_threshold);
  for (var box = local; box < params.box_count; box += WORKGROUP) {
    let key = key_of(f32(scores[first_score + box * params.box_step]));
    if (key > threshold) {
      let at = atomicAdd(&found, 1u);
      if (at < CAPACITY) {
        keys[at] = key;
        places[at] = box;
      }
    }
  }
  workgroupBarrier();
  if (local == 0u) { candidate_count = atomicLoad(&found); }
  let count = workgroupUniformLoad(&candidate_count);
  if (count > CAPACITY) {
    if (local == 0u) { kept_counts[slot] = OVERFLOW; }
    return;
  }

  // Up to a power of two the list is filled with what comes last.
  var padded = 1u;
  while (padded < count) { padded *= 2u; }
  for (var i = count + local; i < padded; i += WORKGROUP) {
    keys[i] = 0u;
    places[i] = OVERFLOW;
  }
  sort_keys(padded, local);

  var current = 0u;
  var kept_count = 0u;
  loop {
    workgroupBarrier();
    if (local == 0u) {
      var i = current;
      while (i < count && keys[i] == 0u) { i++; }
      next = i;
    }
    current = workgroupUniformLoad(&next);
    if (current >= count || kept_count == params.max_per_class) { break; }
    let best = places[current];
    if (local == 0u) { kept[slot * params.max_per_class + kept_count] = best; }
    kept_count++;
    let corners = corners_of(image, best);
    for (var i = current + 1u + local; i < count; i += WORKGROUP) {
      if (keys[i] == 0u || !are_rivals(image, best, places[i])) { continue; }
      if (overlap(corners, corners_of(image, places[i]))) { keys[i] = 0u; }
    }
    current++;
  }
  if (local == 0u) { kept_counts[slot] = kept_count; }
}
