// Where the elements of each block begin once all are packed: the exclusive prefix sums of what the blocks hold, after
// non-zero-count.wgsl.
//
//   starts[b] = Σ_{t<b} counts[t]      starts[blocks] = count = all elements
//
// counts  [blocks]      starts  [blocks + 1]      count  [1] int32
//
// One workgroup does it all: each invocation sums a run of blocks, the sums are scanned in workgroup memory (Hillis and
// Steele 1986), and each goes through its run again.

struct Params {
  blocks: u32,
  count_offset: u32,  // where count begins
}

@group(0) @binding(0) var<storage, read> counts: array<u32>;
@group(0) @binding(1) var<storage, read_write> starts: array<u32>;
@group(0) @binding(2) var<storage, read_write> count: array<i32>;
@group(0) @binding(3) var<uniform> params: Params;

override WORKGROUP: u32 = 64;

var<workgroup> sums: array<u32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32) {
  let run = (params.blocks + WORKGROUP - 1u) / WORKGROUP;
  let first = min(local * run, params.blocks);
  let end = min(first + run, params.blocks);
  var sum = 0u;
  for (var block = first; block < end; block++) { sum += counts[block]; }
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
  for (var block = first; block < end; block++) {
    starts[block] = start;
    start += counts[block];
  }
  if (local == WORKGROUP - 1u) {
    starts[params.blocks] = sums[local];
    count[params.count_offset] = i32(sums[local]);
  }
}
