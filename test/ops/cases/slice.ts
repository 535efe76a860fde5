import fc from 'fast-check';
import type { Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { sampled } from '../../support/sampled';
import { sequence } from '../../support/tensors';

/** One `[start, step, size]` per axis. */
type Cut = readonly (readonly [start: number, step: number, size: number])[];

const slice = (name: string, input: Shape | Tensor, cut: Cut): KernelCase<'slice'> => ({
  name,
  op: 'slice',
  attributes: { starts: cut.map((c) => c[0]), steps: cut.map((c) => c[1]), sizes: cut.map((c) => c[2]) },
  inputs: [input],
});

/** Some cut of one axis of some length. */
const axisCut = fc
  .record({
    length: fc.integer({ min: 1, max: 6 }),
    step: fc.constantFrom(-2, -1, 1, 1, 2),
    at: fc.nat(),
    count: fc.nat(),
  })
  .map(({ length, step, at, count }) => {
    const start = at % length;
    const most = Math.floor((step > 0 ? length - 1 - start : start) / Math.abs(step)) + 1;
    return { length, cut: [start, step, 1 + (count % most)] as const };
  });

export const cases: readonly KernelCase<'slice'>[] = [
  slice('a scalar', [], []),
  slice('the middle of a vector', [9], [[2, 1, 5]]),
  slice('a vector backwards', [9], [[8, -1, 9]]),
  slice('every third element backwards', [9], [[7, -3, 3]]),
  slice('nothing', [9], [[3, 1, 0]]),
  slice(
    'aligned channels of an image',
    [2, 12, 3, 4],
    [
      [0, 1, 2],
      [4, 1, 8],
      [0, 1, 3],
      [0, 1, 4],
    ],
  ),
  slice(
    'unaligned channels of an image',
    [2, 11, 3, 4],
    [
      [0, 1, 2],
      [3, 1, 6],
      [0, 1, 3],
      [0, 1, 4],
    ],
  ),
  slice(
    'the last channels with their padding lanes',
    [1, 7, 2, 2],
    [
      [0, 1, 1],
      [4, 1, 3],
      [0, 1, 2],
      [0, 1, 2],
    ],
  ),
  slice(
    'a crop of an image',
    [1, 5, 6, 7],
    [
      [0, 1, 1],
      [0, 1, 5],
      [1, 1, 4],
      [2, 1, 3],
    ],
  ),
  slice(
    'every second pixel (focus)',
    [1, 3, 6, 8],
    [
      [0, 1, 1],
      [0, 1, 3],
      [1, 2, 3],
      [0, 2, 4],
    ],
  ),
  slice(
    'an image upside down',
    [2, 8, 3, 4],
    [
      [0, 1, 2],
      [0, 1, 8],
      [2, -1, 3],
      [0, 1, 4],
    ],
  ),
  slice(
    'channels in reverse order',
    [1, 6, 2, 3],
    [
      [0, 1, 1],
      [5, -1, 6],
      [0, 1, 2],
      [0, 1, 3],
    ],
  ),
  slice(
    'five axes',
    [2, 3, 4, 2, 5],
    [
      [1, 1, 1],
      [2, -1, 3],
      [0, 2, 2],
      [0, 1, 2],
      [1, 1, 3],
    ],
  ),
  slice('int32', sequence([9], 'int32', 2 ** 24 + 1), [[1, 2, 4]]),
  ...sampled('any cut with any step', fc.array(axisCut, { minLength: 1, maxLength: 5 }), (name, axes) =>
    slice(
      name,
      axes.map(({ length }) => length),
      axes.map(({ cut }) => cut),
    ),
  ),
];
