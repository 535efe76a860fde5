import fc from 'fast-check';
import { REDUCE_FUNCTIONS, type ReduceFunction } from '../../../src/operators/reduce';
import { Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

const reduce = (
  name: string,
  fn: ReduceFunction,
  x: readonly number[] | Tensor,
  axes: readonly number[],
  keepDims = true,
  extra: Partial<KernelCase<'reduce'>> = {},
): KernelCase<'reduce'> => ({ name, op: 'reduce', attributes: { fn, axes, keepDims }, inputs: [x], ...extra });

const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: minus } = Number;

const special = Tensor.float32([5, 3], [1, nan, 2, inf, 1, 0, minus, 0, 1, minus, minus, minus, inf, nan, minus]);
const integers = Tensor.int32(
  [3, 4, 5],
  Array.from({ length: 60 }, (_, i) => ((i * 7919) % 41) - 20),
);

/** Any shape of up to six axes, any of them reduced. */
const anywhere = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 })
  .chain((shape) => fc.tuple(fc.constant(shape), fc.subarray([...shape.keys()]), fc.boolean()));

export const cases: readonly KernelCase[] = [
  ...REDUCE_FUNCTIONS.flatMap((fn) => [
    // About 1, so that a product of 35 stays within what float16 holds.
    reduce(
      `${fn} of a picture's pixels, channels no multiple of 4`,
      fn,
      new Random(12).tensor([2, 6, 5, 7], 0.7, 1.3),
      [2, 3],
    ),
    reduce(`${fn} of long rows`, fn, [3, 700], [1], false, {
      tolerance: 2 ** -20 + 700 * 2 ** -24,
      reason: 'one invocation folds all 700 in a row: at most K·2⁻²⁴ of the sum (Higham 2002, section 3.1)',
    }),
    reduce(`${fn} of NaN and infinity`, fn, special, [1]),
    reduce(`${fn} of integers`, fn, integers, [1]),
    reduce(`${fn} of nothing`, fn, [2, 0, 3], [1]),
    reduce(`${fn} of no integers`, fn, Tensor.int32([2, 0, 3], []), [1]),
    reduce(`${fn} without axes`, fn, [3, 5], []),
  ]),
  reduce("mean of a picture's pixels to a matrix", 'mean', [2, 6, 5, 7], [2, 3], false),
  reduce('mean over the channels', 'mean', [2, 6, 5, 7], [1]),
  reduce(
    'least over channels that are all positive, beside padding lanes of zero',
    'min',
    new Random(2).tensor([1, 5, 3, 3], 1, 2),
    [1],
  ),
  reduce('greatest over all negative channels and rows', 'max', new Random(2).tensor([2, 5, 3, 3], -2, -1), [1, 2]),
  reduce('sum over the rows of a picture', 'sum', [2, 5, 9, 3], [2]),
  reduce('sum over the batch and columns', 'sum', [3, 5, 2, 9], [0, 3]),
  reduce('sum over all of a picture', 'sum', new Random(9).tensor([2, 5, 9, 3], 0, 1), [0, 1, 2, 3]),
  reduce('sum over all of a picture to a scalar', 'sum', new Random(9).tensor([2, 5, 9, 3], 0, 1), [0, 1, 2, 3], false),
  reduce('sum of a vector to a scalar', 'sum', new Random(9).tensor([1001], 0, 1), [0], false, {
    tolerance: 1001 * 2 ** -24,
    reason: 'one invocation adds all 1,001 in a row: at most K·2⁻²⁴ of the sum (Higham 2002, section 3.1)',
  }),
  reduce('sum of a scalar', 'sum', [], [], false),
  reduce('sum over alternate axes of eight', 'sum', [2, 3, 2, 2, 3, 2, 2, 3], [0, 2, 4, 6], false),
  reduce('sum over the other axes of eight', 'sum', [2, 3, 2, 2, 3, 2, 2, 3], [7, 1, 3, 5]),
  reduce('axes of length 1', 'max', [1, 4, 1, 3, 1], [0, 2, 4], false),
  reduce('norm of magnitudes of 10,000', 'l2', new Random(3).tensor([5, 19], -1e4, 1e4), [1]),
  reduce('log-sum-exp of magnitudes of 10,000', 'log-sum-exp', new Random(3).tensor([5, 19], -1e4, 1e4), [1]),
  reduce(
    'sum of integers beyond what float32 tells apart',
    'sum',
    Tensor.int32([2, 2], [2 ** 24, 1, -(2 ** 30), -3]),
    [1],
  ),
  // Rows that lie apart, and elements of a row that do.
  reduce(
    'integers along the inner two of four axes but the last',
    'sum',
    Tensor.int32(
      [2, 3, 4, 5],
      Array.from({ length: 120 }, (_, i) => i * i - 50 * i),
    ),
    [1, 2],
  ),
  reduce('norm of integers at a square and beside it', 'l2', Tensor.int32([3, 1], [46340, -46339, 46338]), [1]),
  reduce('greatest of truths', 'max', Tensor.bool([2, 3], [0, 1, 0, 0, 0, 0]), [1]),
  reduce("more rows than one dimension's workgroups", 'sum', [1001, 33], [1], true, { workgroupLimit: 40 }),
  reduce("more rows of an invocation each than one dimension's workgroups", 'sum', [1001, 33], [1], true, {
    workgroupLimit: 5,
  }),
  reduce(
    "more integer rows than one dimension's workgroups",
    'sum',
    Tensor.int32(
      [1001, 2],
      Array.from({ length: 2002 }, (_, i) => i),
    ),
    [1],
    true,
    { workgroupLimit: 5 },
  ),
  ...fc
    .sample(anywhere, { numRuns: 12, seed: 7 })
    .map(([shape, axes, keepDims], i) =>
      reduce(
        `at random ${i}: [${shape}] over [${axes}]${keepDims ? ', axes kept' : ''}`,
        'mean',
        shape,
        axes,
        keepDims,
      ),
    ),
];
