import { roundUp } from './layout';

/** Memory that one root needs, and from which step to which. */
export interface MemoryRequest {
  readonly root: string;
  readonly sizeBytes: number;
  /** First and last step that touch it, inclusive. */
  readonly first: number;
  readonly last: number;
}

interface Place {
  readonly buffer: number;
  readonly offset: number;
  readonly sizeBytes: number;
}

type Places = Map<string, Place>;
type Conflicts = ReadonlyMap<string, readonly string[]>;

/** How large each buffer is, and where in them each root lies. */
interface Placed {
  readonly buffers: readonly number[];
  readonly places: ReadonlyMap<string, Place>;
}

export interface MemoryPlan extends Placed {
  readonly peakBytes: number;
  /** The most that is live at any one step: no plan can take less. */
  readonly lowerBoundBytes: number;
}

/** Storage bindings start at multiples of this on every device. */
export const ALIGNMENT = 256;
export const align = (bytes: number): number => roundUp(bytes, ALIGNMENT);

/** With more requests than this, only the way whose time does not grow with their square is tried. */
const MANY = 2000;
/** From as many buffers on, one grows rather than that another is made, where either takes as much memory. */
const MANY_BUFFERS = 64;

/**
 * Places roots into a few buffers so that those alive at the same time never overlap and no step reads and writes one
 * buffer, which WebGPU forbids at any offsets. Greedy by size (Pisarchyk and Lee 2020, "Efficient memory management
 * for deep neural net inference", section 5), by size times steps, and by time: the smallest of the plans is taken.
 *
 * @param conflicts pairs of roots that one step reads and writes
 * @param maxBufferBytes no buffer grows beyond this
 */
export function planMemory(
  requests: readonly MemoryRequest[],
  conflicts: Conflicts,
  maxBufferBytes: number,
): MemoryPlan {
  const byFirst = requests.toSorted((a, b) => a.first - b.first || b.sizeBytes - a.sizeBytes);
  let best = placeInTime(byFirst, conflicts, maxBufferBytes);
  if (requests.length <= MANY) {
    for (const weight of [sizeBytes, sizeBytesTimesSteps]) {
      const other = place(
        byFirst.toSorted((a, b) => weight(b) - weight(a)),
        conflicts,
        maxBufferBytes,
      );
      if (total(other.buffers) <= total(best.buffers)) best = other;
    }
  }
  return { ...best, peakBytes: total(best.buffers), lowerBoundBytes: mostAlive(byFirst) };
}

const sizeBytes = (request: MemoryRequest): number => request.sizeBytes;
const sizeBytesTimesSteps = ({ sizeBytes, first, last }: MemoryRequest): number => sizeBytes * (last - first + 1);
const total = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);

/** Calls `begin` with each request in turn, and before it `end` with those whose last step has passed. */
function inTurn(
  byFirst: readonly MemoryRequest[],
  begin: (request: MemoryRequest) => void,
  end: (request: MemoryRequest) => void,
): void {
  const byLast = byFirst.toSorted((a, b) => a.last - b.last);
  let ended = 0;
  for (const request of byFirst) {
    while (byLast[ended].last < request.first) end(byLast[ended++]);
    begin(request);
  }
}

/** The most bytes that requests need at any one step. */
function mostAlive(byFirst: readonly MemoryRequest[]): number {
  let alive = 0;
  let most = 0;
  const begin = ({ sizeBytes }: MemoryRequest): void => {
    alive += align(sizeBytes);
    most = Math.max(most, alive);
  };
  inTurn(byFirst, begin, ({ sizeBytes }) => {
    alive -= align(sizeBytes);
  });
  return most;
}

/** Buffers that hold a root which conflicts with this one. */
const forbiddenTo = (root: string, conflicts: Conflicts, places: Places): (number | undefined)[] =>
  conflicts.get(root)?.map((other) => places.get(other)?.buffer) ?? [];

/** Places requests of any order, each where a buffer grows least; compares every request with every other. */
function place(requests: readonly MemoryRequest[], conflicts: Conflicts, maxBufferBytes: number): Placed {
  const buffers: number[] = [];
  /** Of each buffer, by offset. */
  const residents: Resident[][] = [];
  const places: Places = new Map();
  for (const request of requests) {
    const size = align(request.sizeBytes);
    const forbidden = forbiddenTo(request.root, conflicts, places);
    let best = { buffer: buffers.length, offset: 0, growth: size };
    for (const [buffer, others] of residents.entries()) {
      if (forbidden.includes(buffer)) continue;
      const offset = lowestGap(others, request, size);
      const growth = Math.max(0, offset + size - buffers[buffer]);
      if (growth < best.growth && offset + size <= maxBufferBytes) best = { buffer, offset, growth };
    }
    if (best.buffer === buffers.length) {
      buffers.push(0);
      residents.push([]);
    }
    buffers[best.buffer] = Math.max(buffers[best.buffer], best.offset + size);
    const others = residents[best.buffer];
    const at = others.findLastIndex(({ offset }) => offset <= best.offset) + 1;
    others.splice(at, 0, { request, offset: best.offset });
    places.set(request.root, { buffer: best.buffer, offset: best.offset, sizeBytes: size });
  }
  return { buffers, places };
}

interface Resident {
  readonly request: MemoryRequest;
  readonly offset: number;
}

/** The lowest offset at which `size` bytes fit between residents, by offset, that are alive at the same time. */
function lowestGap(others: readonly Resident[], request: MemoryRequest, size: number): number {
  let offset = 0;
  for (const other of others) {
    if (other.request.first > request.last || request.first > other.request.last) continue;
    if (offset + size <= other.offset) break;
    offset = Math.max(offset, other.offset + align(other.request.sizeBytes));
  }
  return offset;
}

/**
 * The same for requests by their first step: those before it that have ended leave gaps, so that the time grows with
 * the number of requests and of gaps.
 */
function placeInTime(byFirst: readonly MemoryRequest[], conflicts: Conflicts, maxBufferBytes: number): Placed {
  const buffers: number[] = [];
  /** Of each buffer, by offset; the last has no end. */
  const gaps: { offset: number; end: number }[][] = [];
  const places: Places = new Map();
  const begin = (request: MemoryRequest): void => {
    const sizeBytes = align(request.sizeBytes);
    const forbidden = forbiddenTo(request.root, conflicts, places);
    let best = { buffer: buffers.length, index: 0, growth: buffers.length < MANY_BUFFERS ? sizeBytes : Infinity };
    for (const [buffer, free] of gaps.entries()) {
      if (forbidden.includes(buffer)) continue;
      const index = free.findIndex(({ offset, end }) => offset + sizeBytes <= end);
      const end = free[index].offset + sizeBytes;
      const growth = Math.max(0, end - buffers[buffer]);
      if (growth < best.growth && end <= maxBufferBytes) best = { buffer, index, growth };
    }
    const { buffer, index } = best;
    if (buffer === buffers.length) {
      buffers.push(0);
      gaps.push([{ offset: 0, end: Infinity }]);
    }
    const gap = gaps[buffer][index];
    places.set(request.root, { buffer, offset: gap.offset, sizeBytes });
    gap.offset += sizeBytes;
    buffers[buffer] = Math.max(buffers[buffer], gap.offset);
    if (gap.offset === gap.end) gaps[buffer].splice(index, 1);
  };
  const end = ({ root }: MemoryRequest): void => {
    const { buffer, offset, sizeBytes } = places.get(root)!;
    const free = gaps[buffer];
    const next = free.findIndex((gap) => gap.offset > offset);
    const before = free[next - 1];
    if (free[next].offset === offset + sizeBytes) free[next].offset = offset;
    else free.splice(next, 0, { offset, end: offset + sizeBytes });
    if (before?.end !== offset) return;
    before.end = free[next].end;
    free.splice(next, 1);
  };
  inTurn(byFirst, begin, end);
  return { buffers, places };
}
