import fc from 'fast-check';
import type { KernelCase } from './kernel-case';

/** Fixed, so that every runner, in Node or in a browser, sees the same cases. */
const SEED = 20240917;

/**
 * Kernel cases drawn from an arbitrary: properties that hold for any shape, tried on a handful of them. A name carries
 * the seed and the drawn values, so that a failure can be repeated as it was.
 */
export function sampled<T, C extends KernelCase>(
  name: string,
  arbitrary: fc.Arbitrary<T>,
  make: (name: string, drawn: T) => C,
  count = 8,
): C[] {
  return fc
    .sample(arbitrary, { seed: SEED, numRuns: count })
    .map((drawn, i) => make(`${name} (seed ${SEED}, ${i}: ${fc.stringify(drawn)})`, drawn));
}
