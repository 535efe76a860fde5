// Where the rows of each class begin once all are packed: the exclusive prefix sums of what the classes kept.
//
//   starts[s] = Σ_{t<s} kept_counts[t]      starts[slots] = count = all rows
//
// kept_counts  [slots]      starts  [slots + 1]      count  [1] int32
//
// One workgroup does it all: each invocation sums a run of slots, the sums are scanned in workgroup memory (Hillis and
// Steele 1986), and each goes through its run again. There are a few hundred slots: more workgroups would gain nothing.

struct Params {
  slots: u32,
  count_offset: u32,  // where count begins
}

@group(0) @binding(0) var<storage, read> kept_counts: array<u32>;
@group(0) @binding(1) var<storage, read_write> starts: array<u32>;
@group(0) @binding(2) var<storage, read_write> count: array<i32>;
@group(0) @binding(3) var<uniform> params: Params;

override WORKGROUP: u32 = 64;

var<workgroup> sums: array<u32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32) {
  let run = (params.slots + WORKGROUP - 1u) / WORKGROUP;
  let first = min(local * run, params.slots);
  let end = min(first + run, params.slots);
  var sum = 0u;
  for (var slot = first; slot < end; slot++) { sum += kept_counts[slot]; }
  sums[local] = sum;
  workgroupBarrier();
  for (var distance = 1u; distance < WORKGROUP; distance *= 2u) {
    var before = 0u;
    if (local >= distance) { before = sums[local - distance]; }
    workgroupBarrier();
    sums[local] += before;
    workgroupBarrier();
  }
  var start = sums[local] - sum;
  for (var slot = first; slot < end; slot++) {
    starts[slot] = start;
    start += kept_counts[slot];
  }
  if (local == WORKGROUP - 1u) {
    starts[params.slots] = sums[local];
    count[params.count_offset] = i32(sums[local]);
  }
}
