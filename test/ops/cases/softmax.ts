import { Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

const softmax = (
  name: string,
  x: readonly number[] | Tensor,
  axis: number,
  log = false,
  extra: Partial<KernelCase<'softmax'>> = {},
): KernelCase<'softmax'> => ({ name, op: 'softmax', attributes: { axis, log }, inputs: [x], ...extra });

const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: minus } = Number;

export const cases: readonly KernelCase[] = [
  softmax('over the channels of a picture, channels no multiple of 4', [2, 21, 5, 7], 1),
  softmax('over the channels, channels a multiple of 4', [1, 8, 3, 3], 1),
  softmax('over two channels', [1, 2, 3, 5], 1),
  softmax('over one channel', [1, 1, 3, 5], 1),
  softmax('logarithm over the channels', [1, 5, 3, 7], 1, true),
  softmax('over the rows of a picture, padding lanes stay zero', [2, 3, 7, 5], 2),
  softmax('over the columns of a picture', [2, 6, 3, 11], 3),
  softmax('over the images of a batch', [3, 5, 2, 3], 0),
  softmax('of a vector', [13], 0),
  softmax('of 1,000 logits', [2, 1000], 1),
  softmax('logarithm of 1,000 logits', [2, 1000], 1, true),
  softmax('of a vector longer than any workgroup', [3001], 0, false, {
    tolerance: 3001 * 2 ** -24,
    reason: 'one invocation adds all 3,001 in a row: at most K·2⁻²⁴ of the sum (Higham 2002, section 3.1)',
  }),
  softmax('over the middle axis of three', [3, 70, 5], 1),
  softmax('over the first axis of three', [67, 2, 3], 0),
  softmax('over an axis of length 1', [4, 1, 3], 1),
  softmax('over the third axis of five', [2, 3, 9, 2, 5], 2),
  softmax('over the last axis of five', [2, 1, 3, 2, 17], 4),
  softmax('of magnitudes of 10,000', new Random(3).tensor([5, 19], -1e4, 1e4), 1),
  softmax('logarithm of magnitudes of 10,000', new Random(4).tensor([2, 6, 3, 3], -1e4, 1e4), 1, true),
  softmax('of equal large values', Tensor.float32([2, 3], [1e4, 1e4, 1e4, -1e4, -1e4, -1e4]), 1),
  softmax(
    'NaN and infinity',
    Tensor.float32([5, 3], [1, nan, 2, inf, 1, 0, minus, 0, 1, minus, minus, minus, nan, 1, minus]),
    1,
  ),
  softmax(
    'logarithm of NaN and infinity',
    Tensor.float32([1, 3, 1, 3], [1, nan, minus, 0, 1, minus, 2, 3, 1]),
    1,
    true,
  ),
  softmax(
    'NaN far into a long row',
    Tensor.float32(
      [2, 400],
      Array.from({ length: 800 }, (_, i) => (i === 399 ? nan : i % 7)),
    ),
    1,
  ),
  softmax("more rows than one dimension's workgroups", [1001, 33], 1, false, { workgroupLimit: 40 }),
  softmax("more rows of an invocation each than one dimension's workgroups", [1001, 33], 1, false, {
    workgroupLimit: 5,
  }),
  softmax("more pixels than one dimension's workgroups", [1, 3, 70, 90], 1, false, { workgroupLimit: 40 }),
];
