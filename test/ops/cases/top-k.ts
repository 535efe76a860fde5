import fc from 'fast-check';
import { Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

const topK = (
  name: string,
  x: readonly number[] | Tensor,
  k: number,
  axis: number,
  largest = true,
): KernelCase<'top-k'> => ({ name, op: 'top-k', attributes: { k, axis, largest }, inputs: [x] });

/** Few distinct values, so that the index decides often. */
const ties = (shape: readonly number[], seed = 11): Tensor<'float32'> =>
  Tensor.float32(
    shape,
    new Random(seed).tensor(shape, -2, 2).data.map((v) => Math.round(v)),
  );

const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: minus } = Number;
const special = Tensor.float32(
  [4, 6],
  [
    1,
    nan,
    minus,
    nan,
    inf,
    0,
    -0,
    0,
    -0,
    0,
    1e-3,
    -1e-3,
    nan,
    nan,
    nan,
    nan,
    nan,
    nan,
    minus,
    inf,
    3e38,
    -3e38,
    0,
    minus,
  ],
);

const integers = Tensor.int32(
  [3, 20],
  [...Array.from({ length: 55 }, (_, i) => ((i * 7919) % 31) - 15), -(2 ** 31), 2 ** 31 - 1, 2 ** 24 + 1, 2 ** 24, -1],
);

/** NaN in every run, so that merging meets them on both sides. */
const scattered = Tensor.float32(
  [2, 700],
  new Random(6).tensor([2, 700]).data.map((v, i) => (i % 50 === 7 ? nan : i % 90 === 3 ? minus : v)),
);

const anything = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  outer: fc.integer({ min: 1, max: 3 }),
  length: fc.integer({ min: 1, max: 600 }),
  inner: fc.integer({ min: 1, max: 3 }),
  part: fc.constantFrom(0, 0.01, 0.3, 1),
  largest: fc.boolean(),
});

export const cases: readonly KernelCase[] = [
  topK('the best 5 of a vector', [13], 5, 0),
  topK('all of a vector', [64], 64, 0),
  topK('the best of a vector', [100], 1, 0),
  topK('the best class of each box', ties([1, 70, 13]), 1, 2),
  topK('the best class of each box, classes first', ties([2, 9, 70]), 1, 1),
  topK('the least of each row', special, 1, 1, false),
  topK('the greatest of each row with NaN', special, 1, 1),
  topK('the greatest integer of each row', integers, 1, 1),
  topK('the best of a row too long for one invocation', [2, 1025], 1, 1),
  { ...topK("more rows than one dimension's workgroups hold, the best of each", [700, 3], 1, 1), workgroupLimit: 4 },
  topK('of a single value', [3, 1], 1, 1),
  topK('none of a vector', [13], 0, 0),
  topK('of 1,000 logits, a batch', [3, 1000], 5, 1),
  topK('the least of 200', [2, 200], 7, 1, false),
  topK('over channels that are no multiple of 4', [2, 21, 5, 7], 3, 1),
  topK(
    'the least of channels that are all positive, beside padding lanes of zero',
    new Random(5).tensor([1, 5, 3, 3], 1, 2),
    2,
    1,
    false,
  ),
  topK('over the rows of a picture', [2, 5, 70, 3], 6, 2),
  topK('over the columns of a picture', [2, 6, 3, 9], 4, 3),
  topK('over the images of a batch', [9, 5, 2, 3], 3, 0),
  topK('over the third axis of five', [2, 3, 90, 2, 5], 8, 2),
  topK('first of equals in a short row', ties([5, 40]), 25, 1),
  topK('first of equals in a long row', ties([2, 300]), 120, 1),
  topK('first of equals of the least in a long row', ties([2, 300]), 300, 1, false),
  topK('greatest of NaN, infinity and both zeros', special, 6, 1),
  topK('least of NaN, infinity and both zeros', special, 6, 1, false),
  topK('greatest of a long row with NaN and infinity', scattered, 60, 1),
  topK('least of a long row with NaN and infinity', scattered, 700, 1, false),
  topK('of integers beyond what float32 tells apart', integers, 20, 1),
  topK('least of integers', integers, 6, 1, false),
  topK('least of integers in one long row', integers.reshape([60]), 60, 0, false),
  topK('a row that fills its runs exactly', [1, 1024], 40, 1),
  topK('a row one longer than its runs', [1, 1025], 30, 1),
  topK('a row of more runs than one pass merges', ties([1, 20_000]), 50, 1),
  topK('a long row sorted as a whole', [1, 5000], 5000, 1),
  { ...topK("more values than one dimension's workgroups", [31, 140], 9, 1), workgroupLimit: 9 },
  ...fc.sample(anything, { numRuns: 12, seed: 5 }).map(({ seed, outer, length, inner, part, largest }) => {
    const k = Math.max(1, Math.round(length * part));
    return topK(`at random with seed ${seed}`, ties([outer, length, inner], seed), k, 1, largest);
  }),
];
