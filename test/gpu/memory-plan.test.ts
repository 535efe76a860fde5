import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MemoryRequest, planMemory } from '../../src/gpu/memory-plan';

const request = (root: string, sizeBytes: number, first: number, last: number): MemoryRequest => ({
  root,
  sizeBytes,
  first,
  last,
});
const NO_CONFLICTS = new Map<string, string[]>();
const UNLIMITED = 2 ** 40;

/** Conflicts both ways, as the planner is given them. */
function conflictsOf(pairs: readonly (readonly [string, string])[]): Map<string, string[]> {
  const conflicts = new Map<string, string[]>();
  for (const [a, b] of pairs) {
    conflicts.set(a, [...(conflicts.get(a) ?? []), b]);
    conflicts.set(b, [...(conflicts.get(b) ?? []), a]);
  }
  return conflicts;
}

describe('planMemory', () => {
  test('puts what is never alive together at one place', () => {
    const plan = planMemory([request('a', 512, 0, 1), request('b', 512, 2, 3)], NO_CONFLICTS, UNLIMITED);
    expect(plan.places.get('a')).toEqual(plan.places.get('b'));
    expect(plan.buffers).toEqual([512]);
  });

  test('reaches the lower bound for a chain in which each step reads one tensor and writes the next', () => {
    const chain = [0, 1, 2, 3, 4, 5].map((i) => request(`t${i}`, 1024, Math.max(0, i - 1), i));
    const conflicts = conflictsOf(chain.slice(1).map((_, i) => [`t${i}`, `t${i + 1}`] as const));
    const plan = planMemory(chain, conflicts, UNLIMITED);
    expect(plan.lowerBoundBytes).toBe(2048);
    expect(plan.peakBytes).toBe(2048);
    expect(plan.buffers).toEqual([1024, 1024]);
  });

  test('keeps what one step reads and writes in different buffers though one would be large enough', () => {
    const plan = planMemory(
      [request('read', 256, 0, 0), request('written', 256, 0, 0)],
      conflictsOf([['read', 'written']]),
      UNLIMITED,
    );
    expect(plan.places.get('read')!.buffer).not.toBe(plan.places.get('written')!.buffer);
  });

  test('opens another buffer rather than grow one beyond what the device allows', () => {
    const requests = [request('early', 768, 0, 0), request('a', 512, 1, 1), request('b', 512, 1, 1)];
    expect(planMemory(requests, NO_CONFLICTS, UNLIMITED).buffers).toEqual([1024]);
    expect(planMemory(requests, NO_CONFLICTS, 768).buffers).toEqual([768, 512]);
  });

  test('rounds every size to what a storage binding may start at', () => {
    const plan = planMemory([request('a', 16, 0, 0), request('b', 257, 0, 0)], NO_CONFLICTS, UNLIMITED);
    expect(plan.peakBytes).toBe(768);
    expect(plan.lowerBoundBytes).toBe(768);
  });

  test('needs nothing for nothing', () => {
    expect(planMemory([], NO_CONFLICTS, UNLIMITED)).toMatchObject({ buffers: [], peakBytes: 0, lowerBoundBytes: 0 });
  });

  const requests = fc
    .array(fc.record({ size: fc.integer({ min: 1, max: 5000 }), first: fc.nat(12), length: fc.nat(5) }), {
      maxLength: 24,
    })
    .map((list) => list.map(({ size, first, length }, i) => request(`r${i}`, size, first, first + length)));
  const scenario = requests.chain((list) =>
    fc.record({
      list: fc.constant(list),
      pairs: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 20 }).map((pairs) =>
        pairs
          .filter(() => list.length > 0)
          .map(([a, b]) => [a % list.length, b % list.length] as const)
          .filter(([a, b]) => a !== b)
          .map(([a, b]) => [`r${a}`, `r${b}`] as const),
      ),
    }),
  );

  test('for any lifetimes and conflicts: no overlap while alive, no conflict in a buffer, everything inside, aligned', () => {
    fc.assert(
      fc.property(scenario, ({ list, pairs }) => {
        const plan = planMemory(list, conflictsOf(pairs), UNLIMITED);
        expect([...plan.places.keys()].sort()).toEqual(list.map(({ root }) => root).sort());
        for (const { root, sizeBytes } of list) {
          const place = plan.places.get(root)!;
          expect(place.offset % 256).toBe(0);
          expect(place.sizeBytes).toBeGreaterThanOrEqual(sizeBytes);
          expect(place.offset + place.sizeBytes).toBeLessThanOrEqual(plan.buffers[place.buffer]);
        }
        for (const [i, a] of list.entries()) {
          for (const b of list.slice(i + 1)) {
            if (a.first > b.last || b.first > a.last) continue;
            const [p, q] = [plan.places.get(a.root)!, plan.places.get(b.root)!];
            const apart = p.offset + p.sizeBytes <= q.offset || q.offset + q.sizeBytes <= p.offset;
            expect(p.buffer !== q.buffer || apart, `${a.root} and ${b.root} overlap`).toBe(true);
          }
        }
        for (const [a, b] of pairs) expect(plan.places.get(a)!.buffer).not.toBe(plan.places.get(b)!.buffer);
        expect(plan.peakBytes).toBe(plan.buffers.reduce((sum, size) => sum + size, 0));
        expect(plan.peakBytes).toBeGreaterThanOrEqual(plan.lowerBoundBytes);
      }),
      { numRuns: 200 },
    );
  });
});
