import { roundUp } from './layout';

/** Memory that one root needs, and from which step to which. */
export interface MemoryRequest {
  readonly root: string;
  readonly sizeBytes: number;
  /** First and last step that touch it, inclusive. */
  readonly first: number;
  readonly last: number;
}

export interface MemoryPlan {
  readonly buffers: readonly number[];
  readonly places: ReadonlyMap<
    string,
    { readonly buffer: number; readonly offset: number; readonly sizeBytes: number }
  >;
  readonly peakBytes: number;
  /** The most that is live at any one step: no plan can take less. */
  readonly lowerBoundBytes: number;
}

/** Storage bindings start at multiples of this on every device. */
export const ALIGNMENT = 256;
export const align = (bytes: number): number => roundUp(bytes, ALIGNMENT);

const overlaps = (a: MemoryRequest, b: MemoryRequest): boolean => a.first <= b.last && b.first <= a.last;

/**
 * Places roots into a few buffers so that those alive at the same time never overlap and no step reads and writes one
 * buffer, which WebGPU forbids at any offsets. Greedy by size (Pisarchyk and Lee 2020, "Efficient memory management
 * for deep neural net inference", section 5), several orders tried, the smallest kept.
 *
 * @param conflicts pairs of roots that one step reads and writes
 * @param maxBufferBytes no buffer grows beyond this
 */
export function planMemory(
  requests: readonly MemoryRequest[],
  conflicts: ReadonlyMap<string, ReadonlySet<string>>,
  maxBufferBytes: number,
): MemoryPlan {
  const orders: ((a: MemoryRequest, b: MemoryRequest) => number)[] = [
    (a, b) => b.sizeBytes - a.sizeBytes || a.first - b.first,
    (a, b) => b.sizeBytes * (b.last - b.first + 1) - a.sizeBytes * (a.last - a.first + 1),
    (a, b) => a.first - b.first || b.sizeBytes - a.sizeBytes,
  ];
  const plans = orders.map((order) => place([...requests].sort(order), conflicts, maxBufferBytes));
  const best = plans.reduce((a, b) => (total(b.buffers) < total(a.buffers) ? b : a));
  const steps = Math.max(0, ...requests.map((r) => r.last + 1));
  const live = Array.from({ length: steps }, (_, step) =>
    requests.reduce((sum, r) => (r.first <= step && step <= r.last ? sum + align(r.sizeBytes) : sum), 0),
  );
  return { ...best, peakBytes: total(best.buffers), lowerBoundBytes: Math.max(0, ...live) };
}

const total = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);

function place(
  requests: readonly MemoryRequest[],
  conflicts: ReadonlyMap<string, ReadonlySet<string>>,
  maxBufferBytes: number,
): Pick<MemoryPlan, 'buffers' | 'places'> {
  const buffers: number[] = [];
  /** Of each buffer, by offset. */
  const residents: Resident[][] = [];
  const places = new Map<string, { buffer: number; offset: number; sizeBytes: number }>();
  for (const request of requests) {
    const size = align(request.sizeBytes);
    const enemies = conflicts.get(request.root);
    let best = { buffer: buffers.length, offset: 0, growth: size };
    for (const [buffer, others] of residents.entries()) {
      if (enemies && others.some((other) => enemies.has(other.request.root))) continue;
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
    if (!overlaps(other.request, request)) continue;
    if (offset + size <= other.offset) break;
    offset = Math.max(offset, other.offset + align(other.request.sizeBytes));
  }
  return offset;
}
