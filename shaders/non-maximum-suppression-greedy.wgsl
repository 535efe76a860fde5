// Greedy non-maximum suppression of one class of an image, for any number of boxes: the first of the passes greedy, scan and
// emit, and the one that does the work.
//
//   best score first (of equals the lower box): keep a box unless it overlaps one that is kept by more than the threshold
//
// boxes     [N, B] vec4               scores  [N, C, B] or [N, B, C], by its strides
// classes   [N, B] the class of each box, if it has one and there is one score for each box: then an image is one slot
// kept      [slots, max_per_class] box indices, best first      kept_counts  [slots]
//
// A slot is a class of an image, and a workgroup's work. It gathers the boxes above the threshold into workgroup memory
// in whatever order and sorts them as top-k-sort.wgsl does (the order is total: the gathering does not change the result).
// Then it goes down the list, CHUNK candidates at once: several invocations share a candidate, compare it with the boxes
// that are kept and with those before it in the chunk, and set a bit for each rival; one invocation reads from the bits
// which stay. A kept box that removed all others below it, one after the other, would need a barrier for each box kept,
// and would not end when max_per_class are found. The naive kernel, one invocation per class, computes every overlap alone.
//
// Workgroup memory holds keys and places, 8 KiB for 1,024 boxes. If more are above the threshold, bisection of the scores
// finds a bound that at most CAPACITY of them exceed: these go first, and then what is below the bound.

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

const CHUNK = 32u;              // a bit for each candidate; WORKGROUP is a multiple

var<workgroup> found: atomic<u32>;
var<workgroup> candidate_count: u32;
var<workgroup> stayed: u32;
var<workgroup> rivals: array<atomic<u32>, CHUNK>;  // those that a candidate overlaps: earlier ones, or itself for any kept
var<workgroup> keys: array<u32, CAPACITY>;
var<workgroup> places: array<u32, CAPACITY>;

// Integers in the order of the scores, both zeros alike; 0 for NaN.
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

// Whether two boxes of an image may be the same thing: of one class, and intersection over union is above the threshold;
// without a division, which need not be rounded exactly.
fn are_rivals(image: u32, a: u32, b: u32, q: vec4f) -> bool {
  let first = params.classes + image * params.box_count;
  if (CLASSES && classes[first + a] != classes[first + b]) { return false; }
  let p = corners_of(image, a);
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

// Gathers the boxes whose key is above a bound, of those at or after a key and place in the order and before the end; at
// most CAPACITY. Returns how many there are, however many are gathered.
fn gather(first_score: u32, after: vec2u, bound: u32, end: u32, local: u32) -> u32 {
  if (local == 0u) { atomicStore(&found, 0u); }
  workgroupBarrier();
  for (var box = local; box < end; box += WORKGROUP) {
    let key = key_of(f32(scores[first_score + box * params.box_step]));
    if (key > bound && (key < after.x || (key == after.x && box >= after.y))) {
      let at = atomicAdd(&found, 1u);
      if (at < CAPACITY) {
        keys[at] = key;
        places[at] = box;
      }
    }
  }
  workgroupBarrier();
  if (local == 0u) { candidate_count = atomicLoad(&found); }
  return workgroupUniformLoad(&candidate_count);
}

// Goes down the sorted list. Returns how many boxes of the slot are kept then.
fn thin(slot: u32, count: u32, kept_before: u32, local: u32) -> u32 {
  let image = slot / params.class_count;
  let first_kept = slot * params.max_per_class;
  let shares = WORKGROUP / CHUNK;
  let member = local % CHUNK;
  var kept_count = kept_before;
  for (var first = 0u; first < count && kept_count < params.max_per_class; first += CHUNK) {
    if (first + member < count) {
      let box = places[first + member];
      let corners = corners_of(image, box);
      var bits = 0u;
      for (var i = local / CHUNK; i < kept_count && bits == 0u; i += shares) {
        if (are_rivals(image, kept[first_kept + i], box, corners)) { bits = 1u << member; }
      }
      let earlier = select(0u, member, bits == 0u);
      for (var i = local / CHUNK; i < earlier; i += shares) {
        if (are_rivals(image, places[first + i], box, corners)) { bits |= 1u << i; }
      }
      atomicOr(&rivals[member], bits);
    }
    workgroupBarrier();
    if (local == 0u) {
      var stays = 0u;
      for (var i = 0u; i < min(CHUNK, count - first); i++) {
        let overlapped = atomicExchange(&rivals[i], 0u);
        let at = kept_count + countOneBits(stays);
        if ((overlapped & (stays | (1u << i))) == 0u && at < params.max_per_class) {
          kept[first_kept + at] = places[first + i];
          stays |= 1u << i;
        }
      }
      stayed = stays;
    }
    storageBarrier();
    kept_count += countOneBits(workgroupUniformLoad(&stayed));
  }
  return kept_count;
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
  if (local < CHUNK) { atomicStore(&rivals[local], 0u); }

  let threshold = key_of(params.score_threshold);
  var after = vec2u(0xffffffffu, 0u);
  var kept_count = 0u;
  loop {
    var bound = threshold;
    var count = gather(first_score, after, bound, params.box_count, local);
    let is_last = count <= CAPACITY;
    var rest = vec2u(bound, 0u);
    // More than CAPACITY boxes are above low, none above high.
    var low = threshold;
    var high = after.x;
    while (count > CAPACITY || (count == 0u && !is_last)) {
      if (high - low == 1u) {
        // Equal scores: as many places as there is room for.
        let end = min(select(0u, after.y, after.x == high) + CAPACITY, params.box_count);
        count = gather(first_score, after, low, end, local);
        rest = vec2u(high, end);
        break;
      }
      bound = low + (high - low) / 2u;
      count = gather(first_score, after, bound, params.box_count, local);
      rest = vec2u(bound, 0u);
      if (count > CAPACITY) { low = bound; }
      if (count == 0u) { high = bound; }
    }
    after = rest;

    // Up to a power of two the list is filled with what comes last.
    var padded = 1u;
    while (padded < count) { padded *= 2u; }
    for (var i = count + local; i < padded; i += WORKGROUP) {
      keys[i] = 0u;
      places[i] = 0xffffffffu;
    }
    sort_keys(padded, local);
    workgroupBarrier();
    kept_count = thin(slot, count, kept_count, local);
    if (is_last || kept_count == params.max_per_class) { break; }
  }
  if (local == 0u) { kept_counts[slot] = kept_count; }
}
