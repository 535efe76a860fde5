import fc from 'fast-check';
import type { OperatorAttributes } from '../../../src/operators';
import { type Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { sampled } from '../../support/sampled';
import { sequence } from '../../support/tensors';

type Mode = OperatorAttributes['pad']['mode'];
const MODES: readonly Mode[] = ['constant', 'reflect', 'edge', 'wrap'];

const pad = (
  name: string,
  mode: Mode,
  input: Shape | Tensor,
  before: readonly number[],
  after: readonly number[],
  rest: Partial<KernelCase<'pad'>> = {},
): KernelCase<'pad'> => ({
  name: `${mode}: ${name}`,
  op: 'pad',
  attributes: { mode, before, after, value: -2.5 },
  inputs: [input],
  ...rest,
});

/** Margins that every mode allows: smaller than the axis, as reflection wants, and negative ones leave something. */
const margins = fc
  .array(fc.record({ length: fc.integer({ min: 1, max: 5 }), before: fc.nat(), after: fc.nat() }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((axes) => axes.map(({ length, before, after }) => ({ length, before: before % length, after: after % length })));

export const cases: readonly KernelCase<'pad'>[] = [
  ...MODES.flatMap((mode) => [
    pad('an image, channels no multiple of 4', mode, sequence([2, 6, 3, 5]), [0, 0, 1, 2], [0, 0, 2, 0]),
    pad('an image whose channels grow', mode, [1, 5, 3, 4], [0, 2, 0, 1], [0, 1, 1, 0]),
    pad('a crop of an image', mode, [1, 3, 5, 6], [0, 0, -1, 1], [0, 0, 0, -2]),
    pad('a vector', mode, [7], [3], [2]),
    pad('five axes', mode, [2, 3, 2, 1, 4], [1, 0, 1, 0, 3], [0, 2, 1, 0, -1]),
    pad('more rows than one dimension of the grid takes', mode, [3, 5, 7, 4], [0, 0, 1, 1], [0, 0, 1, 1], {
      workgroupLimit: 6,
    }),
    ...sampled(
      'any shape and margins',
      margins,
      (name, axes) =>
        pad(
          name,
          mode,
          axes.map(({ length }) => length),
          axes.map(({ before }) => before),
          axes.map(({ after }) => after),
        ),
      3,
    ),
  ]),
  pad('a scalar', 'constant', [], [], []),
  pad('nothing', 'constant', [0, 3], [1, 1], [2, 0]),
  pad('-Infinity, as before a maximum', 'constant', [1, 3, 2, 2], [0, 0, 1, 1], [0, 0, 1, 1], {
    attributes: { mode: 'constant', before: [0, 0, 1, 1], after: [0, 0, 1, 1], value: -Infinity },
  }),
  pad('more than once around', 'wrap', sequence([3]), [7], [5]),
  pad('int32 beyond the range that float32 counts', 'constant', sequence([5], 'int32', 2 ** 24 + 1), [1], [2], {
    attributes: { mode: 'constant', before: [1], after: [2], value: 2 ** 24 + 9 },
  }),
  pad('an int32 image', 'constant', sequence([1, 3, 2, 2], 'int32'), [0, 0, 1, 1], [0, 0, 0, 1]),
  pad('NaN and infinity', 'reflect', Tensor.float32([3], [Number.NaN, Infinity, 1]), [2], [2]),
];
