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

/**
 * Places values in one memory so that those needed at the same time never overlap: in order of time, each into the
 * smallest gap that holds it.
 *
 * @param lifetimes by first step
 */
export function placeValues(lifetimes: readonly Lifetime[]): { places: Map<string, number>; sizeBytes: number } {
  const places = new Map<string, number>();
  const alive: { offset: number; size: number; last: number }[] = [];
  let sizeBytes = 0;
  for (const { name, sizeBytes: needed, first, last } of lifetimes) {
    const size = align(needed);
    for (let i = alive.length - 1; i >= 0; i--) if (alive[i].last < first) alive.splice(i, 1);
    let [best, bestGap] = [-1, Infinity];
    let end = 0;
    let index = alive.length;
    for (const [i, other] of alive.entries()) {
      const gap = other.offset - end;
      if (gap >= size && gap < bestGap) [best, bestGap, index] = [end, gap, i];
      end = other.offset + other.size;
    }
    const offset = best < 0 ? end : best;
    alive.splice(index, 0, { offset, size, last });
    places.set(name, offset);
    sizeBytes = Math.max(sizeBytes, offset + size);
  }
  return { places, sizeBytes };
}
