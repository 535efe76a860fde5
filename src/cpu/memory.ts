/** A stretch of memory that is needed from one step to another, both included. */
export interface Lifetime {
  readonly name: string;
  readonly sizeBytes: number;
  readonly first: number;
  readonly last: number;
}

/** Every value starts at a cache line of its own. */
const ALIGNMENT = 64;
export const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

interface Stretch {
  offset: number;
  size: number;
}

/**
 * Places values in one memory so that those needed at the same time never overlap: in order of time, each into the
 * smallest gap that holds it.
 *
 * @param lifetimes by first step
 */
export function placeValues(lifetimes: readonly Lifetime[]): { places: Map<string, number>; sizeBytes: number } {
  const places = new Map<string, number>();
  const gaps: Stretch[] = [{ offset: 0, size: Infinity }];
  const byLastStep = new Map<number, Stretch[]>();
  let step = 0;
  let sizeBytes = 0;
  for (const { name, sizeBytes: needed, first, last } of lifetimes) {
    for (; step < first; step++) for (const stretch of byLastStep.get(step) ?? []) release(gaps, stretch);
    const size = align(needed);
    let best = gaps[gaps.length - 1];
    for (const gap of gaps) if (gap.size >= size && gap.size < best.size) best = gap;
    const stretch = { offset: best.offset, size };
    places.set(name, stretch.offset);
    sizeBytes = Math.max(sizeBytes, stretch.offset + size);
    if (size === 0) continue;
    best.offset += size;
    best.size -= size;
    if (best.size === 0) gaps.splice(gaps.indexOf(best), 1);
    const ending = byLastStep.get(last);
    if (ending) ending.push(stretch);
    else byLastStep.set(last, [stretch]);
  }
  return { places, sizeBytes };
}

/** Gives a stretch back. Gaps are in order, and none touches another; the last has no end. */
function release(gaps: Stretch[], { offset, size }: Stretch): void {
  const index = gaps.findIndex((gap) => gap.offset > offset);
  const [before, after] = [gaps[index - 1], gaps[index]];
  if (after.offset === offset + size) {
    after.offset = offset;
    after.size += size;
  } else {
    gaps.splice(index, 0, { offset, size });
  }
  if (before?.offset + before?.size === offset) {
    before.size += gaps[index].size;
    gaps.splice(index, 1);
  }
}
