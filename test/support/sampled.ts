import fc from 'fast-check';
import type { KernelCase } from './kernel-case';

/** A fixed seed gives every runner, in Node or in a browser, the same cases. */
const SEED = 20240917;

/**
 * Kernel cases drawn from an arbitrary, to test a property of any shape on a handful. A name has the seed and the drawn
 * values, so that a failure can be repeated.
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
