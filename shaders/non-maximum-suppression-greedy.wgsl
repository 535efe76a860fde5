// Greedy non-maximum suppression of one class of an image, for any number of boxes: the first of the passes greedy and emit,
// and the one that does the work.
//
//   best score first (of equals the lower box): keep a box unless it overlaps one that is kept by more than the threshold
//
// boxes     [N, B] vec4               scores  [N, C, B] or [N, B, C], by its strides
// classes   [N, B] the class of each box, if it has one and there is one score for each box: then an image is one slot
// kept      [slots, max_per_class] box indices, best first; behind them [slots] how many
//
// A slot is a class of an image, and a workgroup's work. It gathers the boxes above the threshold into workgroup memory in
// whatever order, and each invocation counts how many come before its own: that is its place in the sorted list. The order
// is total, so that the gathering does not change the result, and counting needs one barrier where a sorting network needs
// one for each of its steps. Then it goes down the list, CHUNK candidates at once: several invocations share a candidate,
// compare it with the boxes that are kept and with those before it in the chunk, and set a bit for each rival; one
// invocation reads from the bits which stay, and these move to the front of the list. A kept box that removed all others
// below it, one after the other, would need a barrier for each box kept, and would not end when max_per_class are found.
// The naive kernel, one invocation per class, computes every overlap alone.
//
// Workgroup memory holds CAPACITY candidates and their corners, 8 KiB for 256; on software adapters, whose memory is all
// alike, no corners. If more are above the threshold, bisection of the scores finds a bound that at most CAPACITY of them
// exceed: these go first, and then what is below the bound.

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
@group(0) @binding(4) var<uniform> params: Params;

override CENTER: bool = false;  // boxes are centre and size rather than two corners
override CLASSES: bool = false; // each box has one class, and is compared with boxes of that class alone
override WORKGROUP: u32 = 64;   // a multiple of CHUNK
override CAPACITY: u32 = 256;
override STAGED: u32 = 256;     // corners in workgroup memory: CAPACITY, or 1 for none

const CHUNK = 32u;              // a bit for each candidate

struct Found {
  count: u32,
  highest: u32,  // key
}

var<workgroup> found: atomic<u32>;
var<workgroup> highest: atomic<u32>;
var<workgroup> gathered: Found;
var<workgroup> stayed: u32;
var<workgroup> rivals: array<atomic<u32>, CHUNK>;   // those that a candidate overlaps: earlier ones, or itself for any kept
var<workgroup> candidates: array<vec2u, CAPACITY>;  // key and box, in whatever order
var<workgroup> sorted: array<vec2u, CAPACITY>;      // box and class, best first; those kept move to the front
var<workgroup> corners: array<vec4f, STAGED>;       // of sorted boxes

// Integers in the order of the scores, both zeros alike; 0 for NaN.
fn keys_of(values: vec4f) -> vec4u {
  let bits = bitcast<vec4u>(values);
  let magnitude = bits & vec4u(0x7fffffffu);
  let keys = select(0x80000000u + magnitude, 0x80000000u - magnitude, bits > vec4u(0x80000000u));
  return select(keys, vec4u(0u), magnitude > vec4u(0x7f800000u));
}

fn corners_of(image: u32, box: u32) -> vec4f {
  let b = vec4f(boxes[params.boxes + image * params.box_count + box]);
  if (CENTER) { return vec4f(b.xy - b.zw / 2.0, b.xy + b.zw / 2.0); }
  return vec4f(min(b.xy, b.zw), max(b.xy, b.zw));
}

fn class_of(image: u32, box: u32) -> u32 {
  if (!CLASSES) { return 0u; }
  return u32(classes[params.classes + image * params.box_count + box]);
}

// The select keeps compilers from fusing the product into a sum, which would round it otherwise than the reference.
fn area(c: vec4f) -> f32 {
  let size = c.zw - c.xy;
  return select(0.0, size.x * size.y, all(size > vec2f(0.0)));
}

fn sorted_corners(image: u32, at: u32) -> vec4f {
  if (STAGED > 1u) { return corners[at]; }
  return corners_of(image, sorted[at].x);
}

// Whether intersection over union is above the threshold; without a division, which need not be rounded exactly.
fn overlap(p: vec4f, q: vec4f) -> bool {
  let intersection = area(vec4f(max(p.xy, q.xy), min(p.zw, q.zw)));
  return intersection > params.iou_threshold * (area(p) + area(q) - intersection);
}

// Gathers the boxes whose key is above a bound, of those at or after a key and place in the order and before the end; at
// most CAPACITY. Returns how many there are, however many are gathered.
fn gather(first_score: u32, after: vec2u, bound: u32, end: u32, local: u32) -> Found {
  // Four scores are under way at once.
  for (var first = local; first < end; first += 4u * WORKGROUP) {
    let places = first + WORKGROUP * vec4u(0u, 1u, 2u, 3u);
    let at = first_score + min(places, vec4u(end - 1u)) * params.box_step;
    let keys = keys_of(vec4f(f32(scores[at.x]), f32(scores[at.y]), f32(scores[at.z]), f32(scores[at.w])));
    let is_left = (keys < vec4u(after.x)) | ((keys == vec4u(after.x)) & (places >= vec4u(after.y)));
    let is_candidate = (keys > vec4u(bound)) & is_left & (places < vec4u(end));
    if (any(is_candidate)) {
      for (var i = 0u; i < 4u; i++) {
        if (is_candidate[i]) {
          let slot = atomicAdd(&found, 1u);
          atomicMax(&highest, keys[i]);
          if (slot < CAPACITY) { candidates[slot] = vec2u(keys[i], places[i]); }
        }
      }
    }
  }
  workgroupBarrier();
  if (local == 0u) { gathered = Found(atomicExchange(&found, 0u), atomicExchange(&highest, 0u)); }
  return workgroupUniformLoad(&gathered);
}

// How many candidates come before one.
fn rank_of(candidate: vec2u, count: u32) -> u32 {
  var rank = 0u;
  for (var first = 0u; first < count; first += 4u) {
    for (var i = 0u; i < 4u; i++) {
      let other = candidates[first + i];
      let comes_before = other.x > candidate.x || (other.x == candidate.x && other.y < candidate.y);
      rank += u32(comes_before && first + i < count);
    }
  }
  return rank;
}

fn sort_candidates(image: u32, count: u32, local: u32) {
  for (var i = local; i < count; i += WORKGROUP) {
    let candidate = candidates[i];
    let box_corners = corners_of(image, candidate.y);
    let rank = rank_of(candidate, count);
    sorted[rank] = vec2u(candidate.y, class_of(image, candidate.y));
    if (STAGED > 1u) { corners[rank] = box_corners; }
  }
  workgroupBarrier();
}

// Goes down the sorted list. Returns how many boxes of the slot are kept then.
fn thin(slot: u32, count: u32, kept_before: u32, local: u32) -> u32 {
  let image = slot / params.class_count;
  let first_kept = slot * params.max_per_class;
  let shares = WORKGROUP / CHUNK;
  let member = local % CHUNK;
  var kept_count = kept_before;
  for (var first = 0u; first < count && kept_count < params.max_per_class; first += CHUNK) {
    let at = min(first + member, count - 1u);
    let candidate = sorted[at];
    let own = sorted_corners(image, at);
    var bits = select(1u << member, 0u, first + member < count);
    for (var i = local / CHUNK; i < kept_before && bits == 0u; i += shares) {
      let other = kept[first_kept + i];
      if (class_of(image, other) == candidate.y && overlap(corners_of(image, other), own)) { bits = 1u << member; }
    }
    // The first of the list are those kept of this batch.
    let kept_here = kept_count - kept_before;
    for (var i = local / CHUNK; i < kept_here + member; i += shares) {
      let is_kept = i < kept_here;
      let other = select(first + i - kept_here, i, is_kept);
      if (sorted[other].y == candidate.y && overlap(sorted_corners(image, other), own)) {
        bits |= 1u << select(i - kept_here, member, is_kept);
      }
    }
    atomicOr(&rivals[member], bits);
    workgroupBarrier();
    if (local == 0u) {
      var stays = 0u;
      for (var i = 0u; i < CHUNK; i++) {
        let overlapped = atomicLoad(&rivals[i]) & (stays | (1u << i));
        stays |= select(0u, 1u << i, overlapped == 0u);
      }
      while (kept_count + countOneBits(stays) > params.max_per_class) { stays &= ~(1u << firstLeadingBit(stays)); }
      stayed = stays;
    }
    let stays = workgroupUniformLoad(&stayed);
    if (local < CHUNK) {
      atomicStore(&rivals[member], 0u);
      if ((stays & (1u << member)) != 0u) {
        let rank = countOneBits(stays & ((1u << member) - 1u));
        kept[first_kept + kept_count + rank] = candidate.x;
        sorted[kept_here + rank] = candidate;
        if (STAGED > 1u) { corners[kept_here + rank] = own; }
      }
    }
    workgroupBarrier();
    kept_count += countOneBits(stays);
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

  let threshold = keys_of(vec4f(params.score_threshold)).x;
  var after = vec2u(0xffffffffu, 0u);  // the key and place from which the next batch begins
  var kept_count = 0u;
  // More than CAPACITY boxes that are left are above low, none above high.
  var low = threshold;
  var high = after.x;
  var bound = threshold;
  var end = params.box_count;
  var are_equal = false;
  loop {
    let batch = gather(first_score, after, bound, end, local);
    let count = batch.count;
    let is_last = bound == threshold && !are_equal;
    let is_batch = count <= CAPACITY && (count > 0u || is_last || are_equal);
    if (is_batch) {
      sort_candidates(image, count, local);
      kept_count = thin(slot, count, kept_count, local);
      if (is_last || kept_count == params.max_per_class) { break; }
      after = select(vec2u(bound, 0u), vec2u(high, end), are_equal);
      low = threshold;
      high = after.x;
      bound = threshold;
      end = params.box_count;
      are_equal = false;
    } else {
      if (count > 0u) { low = bound; }
      high = select(bound, batch.highest, count > 0u);
      // Of equal scores a batch takes as many places as there is room for.
      are_equal = high - low == 1u;
      bound = low + (high - low) / 2u;
      if (are_equal) { end = min(select(0u, after.y, after.x == high) + CAPACITY, params.box_count); }
    }
    storageBarrier();
  }
  if (local == 0u) { kept[params.slots * params.max_per_class + slot] = kept_count; }
}
