import type { OperatorAttributes } from '../../../src/operators';
import { Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

const argmax = (
  name: string,
  x: readonly number[] | Tensor,
  axis: number,
  more: Partial<OperatorAttributes['argmax']> = {},
): KernelCase<'argmax'> => ({
  name,
  op: 'argmax',
  attributes: { fn: 'argmax', axis, keepDims: true, selectLast: false, ...more },
  inputs: [x],
});

const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: minus } = Number;

/** Few distinct values, so that most rows have ties. */
const ties = (shape: readonly number[]): Tensor<'float32'> => {
  const random = new Random(11);
  const size = shape.reduce((a, b) => a * b, 1);
  return Tensor.float32(
    shape,
    Float32Array.from({ length: size }, () => Math.round(random.next() * 4) - 2),
  );
};

const special = Tensor.float32(
  [6, 4],
  [1, nan, 2, nan, inf, nan, 1, 0, minus, minus, minus, minus, 0, -0, 0, -0, nan, 1, 2, 3, minus, inf, -1, inf],
);

const integers = Tensor.int32(
  [2, 5, 3, 2],
  [...Array.from({ length: 56 }, (_, i) => ((i * 7919) % 31) - 15), -(2 ** 31), 2 ** 31 - 1, 2 ** 24 + 1, 2 ** 24],
);

export const cases: readonly KernelCase[] = [
  argmax('over the channels, channels no multiple of 4', [2, 21, 5, 7], 1),
  argmax('over the channels without the axis', [1, 6, 3, 5], 1, { keepDims: false }),
  argmax(
    'least over channels that are all positive, beside padding lanes of zero',
    new Random(5).tensor([1, 5, 3, 3], 1, 2),
    1,
    { fn: 'argmin' },
  ),
  argmax(
    'over channels that are all negative, beside padding lanes of zero',
    new Random(5).tensor([1, 7, 3, 3], -2, -1),
    1,
  ),
  argmax('first of equal channels', ties([1, 9, 4, 5]), 1),
  argmax('last of equal channels', ties([1, 9, 4, 5]), 1, { selectLast: true }),
  argmax('over the rows of a picture', [2, 5, 7, 3], 2),
  argmax('over the columns of a picture, without the axis', [2, 6, 3, 9], 3, { keepDims: false }),
  argmax('over the images of a batch', [3, 5, 2, 3], 0, { fn: 'argmin' }),
  argmax('of a vector', [1001], 0),
  argmax('of a vector without the axis', [13], 0, { keepDims: false }),
  argmax('of 1,000 logits', [3, 1000], 1),
  argmax('first of equals in a long row', ties([3, 300]), 1),
  argmax('last of equals in a long row', ties([3, 300]), 1, { selectLast: true }),
  argmax('last of the least in a long row', ties([3, 300]), 1, { fn: 'argmin', selectLast: true }),
  argmax('over the middle axis of three', [3, 70, 5], 1, { fn: 'argmin' }),
  argmax('over an axis of length 1', [4, 1, 3], 1),
  argmax('over the third axis of five', [2, 3, 9, 2, 5], 2, { keepDims: false }),
  ...(['argmax', 'argmin'] as const).flatMap((fn) =>
    [false, true].flatMap((selectLast) => [
      argmax(`${fn} of NaN and infinity, ${selectLast ? 'last' : 'first'} of equals`, special, 1, { fn, selectLast }),
      argmax(
        `${fn} of the channels with NaN and infinity, ${selectLast ? 'last' : 'first'}`,
        special.reshape([6, 4, 1, 1]),
        1,
        {
          fn,
          selectLast,
        },
      ),
    ]),
  ),
  argmax('of integers beyond what float32 tells apart', integers, 1),
  argmax('least of integers over the columns', integers, 3, { fn: 'argmin' }),
  argmax('least of integers in a vector', integers.reshape([60]), 0, { fn: 'argmin', selectLast: true }),
  { ...argmax("more rows than one dimension's workgroups", [1001, 33], 1), workgroupLimit: 40 },
  { ...argmax("more rows of an invocation each than one dimension's workgroups", [1001, 33], 1), workgroupLimit: 5 },
  { ...argmax("more pixels than one dimension's workgroups", [1, 3, 70, 90], 1), workgroupLimit: 40 },
];
