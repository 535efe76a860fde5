import { expect, test } from 'vitest';
import { makeActivation } from '../../src/cpu/activation';
import { UNARY_FUNCTIONS, type UnaryAttributes } from '../../src/operators/unary';
import { unaryFunction } from '../../src/reference/unary';

/** From far below what float32 tells from zero to far above what e^x can be, and what is no number. */
const NUMBERS = Float32Array.from([
  ...[NaN, Infinity, -Infinity, 0, -0, 1e-30, -1e-30, 3e38, -3e38],
  ...Array.from({ length: 2001 }, (_, i) => (i - 1000) / 8),
]);

const PARAMETERS: readonly Pick<UnaryAttributes, 'alpha' | 'beta'>[] = [
  { alpha: 1, beta: 0.5 },
  { alpha: 0.2, beta: 0.75 },
  // Lower bound and upper bound of a clip, crossed.
  { alpha: 2, beta: -1 },
];

test.each(UNARY_FUNCTIONS)(
  '%s of a row gives what the reference gives of each number, and leaves its neighbours',
  (fn) => {
    for (const parameters of PARAMETERS) {
      const attributes = { fn, ...parameters };
      const row = Float32Array.from([7, ...NUMBERS, 8]);
      makeActivation(attributes)(row, 1, row.length - 1);
      expect([row[0], row.at(-1)]).toEqual([7, 8]);
      const expected = NUMBERS.map(unaryFunction(attributes));
      for (const [i, value] of expected.entries()) {
        const difference = Math.abs(row[i + 1] - value);
        // Sums of the exponential's series are right to 10⁻⁸; what is stored is float32.
        const isAlike = Object.is(row[i + 1], value) || difference <= 1e-30 + 2e-7 * Math.max(Math.abs(value), 1e-3);
        if (!isAlike)
          expect.fail(`${fn}(${NUMBERS[i]}) with ${JSON.stringify(parameters)} is ${row[i + 1]}, not ${value}`);
      }
    }
  },
);
