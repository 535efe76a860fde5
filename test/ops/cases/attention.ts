import fc from 'fast-check';
import { Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

type Inputs = KernelCase['inputs'];

/** Scores as large as trained networks make them, unless another scale is given. */
const attention = (name: string, inputs: Inputs, scale = 0.5): KernelCase<'attention'> => ({
  name,
  op: 'attention',
  attributes: { scale },
  inputs,
});

const ROW = 16;

/** `[..., queries, depth]`, `[..., keys, depth]`, `[..., keys, width]` */
const heads = (batch: readonly number[], queries: number, keys: number, depth = ROW, width = depth) => [
  [...batch, queries, depth],
  [...batch, keys, depth],
  [...batch, keys, width],
];

const { POSITIVE_INFINITY: inf, NaN: nan } = Number;

/** Every query sees itself and what came before. */
const causal = (size: number, hidden: number): Tensor<'float32'> =>
  Tensor.float32(
    [size, size],
    Array.from({ length: size * size }, (_, at) => (at % size > Math.floor(at / size) ? hidden : 0)),
  );

/** Random numbers, but for those at the places given. */
const spoilt = (shape: readonly number[], at: Readonly<Record<number, number>>, seed = 1): Tensor<'float32'> => {
  const tensor = new Random(seed).tensor(shape);
  for (const [index, value] of Object.entries(at)) tensor.data[Number(index)] = value;
  return tensor;
};

const anything = fc.record({
  batch: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
  queries: fc.integer({ min: 1, max: 70 }),
  keys: fc.integer({ min: 1, max: 70 }),
  size: fc.constantFrom(5, ROW),
  masked: fc.boolean(),
});

export const cases: readonly KernelCase[] = [
  attention('one head', heads([], 16, 16)),
  attention('a single key', heads([2], 5, 1)),
  attention('a single query of many keys', heads([1, 3], 1, 300)),
  attention('the heads of a small vision transformer', heads([1, 3], 50, 50, 64), 0.125),
  attention('a batch of heads, more than a workgroup serves', heads([2, 3], 77, 77)),
  attention('fewer keys than queries, as with a reduced map', heads([1, 2], 130, 9)),
  attention('values longer than keys', heads([2], 9, 21, 4, 40)),
  attention('rows of 128 numbers', heads([1], 20, 37, 128)),
  attention('longer rows than a row of invocations makes', heads([1], 6, 7, 132)),
  attention('rows that are no whole vec4s', heads([1, 2], 11, 13, 6, 5)),
  attention('keys and values that all heads share', [
    [2, 3, 10, 16],
    [2, 1, 12, 16],
    [1, 12, 16],
  ]),
  attention('queries that all images share', [
    [1, 7, 16],
    [3, 20, 16],
    [3, 20, 16],
  ]),
  attention('a mask for each score', [...heads([2, 3], 9, 14), [2, 3, 9, 14]]),
  attention('a mask for each key', [...heads([2, 3], 9, 14), [2, 1, 1, 14]]),
  attention('a mask for each query alone', [...heads([2], 9, 14), [9, 1]]),
  attention('a causal mask of -infinity', [...heads([1, 2], 40, 40), causal(40, -inf)]),
  attention('a causal mask of the least number that float16 has', [...heads([1, 2], 40, 40), causal(40, -65504)]),
  attention('scores that grow along the keys', [
    Tensor.float32([1, ROW], [1, ...new Array<number>(ROW - 1).fill(0)]),
    Tensor.float32(
      [60, ROW],
      Array.from({ length: 60 * ROW }, (_, at) => (at % ROW === 0 ? at / ROW : 0)),
    ),
    [60, ROW],
  ]),
  attention('scores far beyond what exp can take', heads([1], 20, 30), 1e4),
  attention('NaN in one query', [spoilt([6, ROW], { 20: nan }), [50, ROW], [50, ROW]]),
  attention('NaN in one key of many', [[6, ROW], spoilt([50, ROW], { 300: nan }), [50, ROW]]),
  attention('NaN in one value', [[6, ROW], [50, ROW], spoilt([50, ROW], { 300: nan })]),
  attention('an infinite score', [
    Tensor.float32(
      [2, ROW],
      Array.from({ length: 2 * ROW }, (_, at) => (at === ROW ? 0 : 1)),
    ),
    spoilt([20, ROW], { [10 * ROW]: inf }),
    [20, ROW],
  ]),
  attention('a query that may see nothing', [...heads([1], 3, 20), Tensor.float32([3, 1], [0, -inf, 0])]),
  { ...attention('more workgroups than one dimension has', heads([2], 70, 5)), workgroupLimit: 7 },
  ...fc.sample(anything, { numRuns: 12, seed: 9 }).map(({ batch, queries, keys, size, masked }, i) => {
    const mask = masked ? [[queries, keys]] : [];
    return attention(`at random, number ${i + 1}`, [...heads(batch, queries, keys, size), ...mask]);
  }),
];
