import type { Bounds } from '../../bounds/bounds';
import type { Layer } from '../layers';

/** What keeps a layer from taking less time. */
export const LIMITS = ['launch', 'memory', 'arithmetic'] as const;
export type Limit = (typeof LIMITS)[number];

/** The least time of a layer by each bound, in milliseconds, and the bound that is the highest. */
export interface Roofline {
  readonly leastMs: Readonly<Record<Limit, number>>;
  readonly limit: Limit;
}

/** Compares the launches, traffic and arithmetic of a layer with what the adapter does at best (Williams et al. 2009). */
export function rooflineOf(
  { flops = 0, elementsMoved = 0, step }: Pick<Layer, 'flops' | 'elementsMoved' | 'step'>,
  { multiplyAddsPerSecond, bytesPerSecond, launchMs }: Bounds,
  elementBytes: number,
): Roofline {
  const leastMs = {
    launch: launchMs * (step?.chosen.dispatches.length ?? 1),
    memory: (elementsMoved * elementBytes * 1000) / bytesPerSecond,
    arithmetic: (flops / 2 / multiplyAddsPerSecond) * 1000,
  };
  const limit = LIMITS.reduce((highest, next) => (leastMs[next] > leastMs[highest] ? next : highest));
  return { leastMs, limit };
}
