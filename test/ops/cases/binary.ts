import fc from 'fast-check';
import { BINARY_FUNCTIONS, type BinaryFunction } from '../../../src/operators/binary';
import { type Shape, sizeOf, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';
import { sampled } from '../../support/sampled';
import { sequence } from '../../support/tensors';

const apply = (
  name: string,
  fn: BinaryFunction,
  a: Shape | Tensor,
  b: Shape | Tensor,
  rest: Partial<KernelCase<'binary'>> = {},
): KernelCase<'binary'> => ({ name: `${fn} of ${name}`, op: 'binary', attributes: { fn }, inputs: [a, b], ...rest });

const { NaN: nan } = Number;
const first = BINARY_FUNCTIONS.indexOf('equal');
const ARITHMETIC = BINARY_FUNCTIONS.slice(0, first);
const COMPARISONS = BINARY_FUNCTIONS.slice(first);

/** Whole numbers around zero, so that equality, remainders and integer powers come up. */
const whole = (shape: Shape, seed: number, dtype: 'float32' | 'int32' | 'bool' = 'float32'): Tensor => {
  const random = new Random(seed);
  const numbers = Array.from({ length: sizeOf(shape) }, () => Math.floor(random.next() * 9) - 4);
  if (dtype === 'bool')
    return Tensor.bool(
      shape,
      numbers.map((n) => n & 1),
    );
  return dtype === 'int32' ? Tensor.int32(shape, numbers) : Tensor.float32(shape, numbers);
};
/** Divisors, none of them zero. */
const odd = (shape: Shape, dtype: 'float32' | 'int32'): Tensor => {
  const numbers = Array.from({ length: sizeOf(shape) }, (_, i) => [3, -3, 1, -1, 5, -5, 7][i % 7]);
  return dtype === 'int32' ? Tensor.int32(shape, numbers) : Tensor.float32(shape, numbers);
};

/** Pairs of shapes that broadcast: each axis of either may be 1, and either may lack leading axes. */
const broadcastPair = fc
  .record({
    shape: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 0, maxLength: 5 }),
    ones: fc.array(fc.constantFrom('neither', 'a', 'b'), { minLength: 5, maxLength: 5 }),
    missing: fc.record({ a: fc.nat(2), b: fc.nat(2) }),
  })
  .map(({ shape, ones, missing }) => {
    const operand = (which: 'a' | 'b'): number[] =>
      shape.map((extent, axis) => (ones[axis] === which ? 1 : extent)).slice(Math.min(missing[which], shape.length));
    return { a: operand('a'), b: operand('b') };
  });

const x = [2, 6, 3, 5] as const;

export const cases: readonly KernelCase<'binary'>[] = [
  ...ARITHMETIC.flatMap((fn) => [
    apply('images of one shape, channels no multiple of 4', fn, [2, 6, 3, 5], odd([2, 6, 3, 5], 'float32'), {
      ...(fn === 'pow' && { inputs: [new Random(2).tensor([2, 6, 3, 5], 0.2, 3), odd([2, 6, 3, 5], 'float32')] }),
      ...(fn === 'pow' && { tolerance: 2 ** -17, reason: "WGSL's log2 errs by 3 ulp, times the exponent's 7" }),
    }),
    apply('vectors', fn, whole([37], 4), odd([37], 'float32')),
    apply('int32', fn, whole([2, 3, 5], 5, 'int32'), odd([3, 1], 'int32')),
  ]),
  ...COMPARISONS.flatMap((fn) => [
    apply('images', fn, whole([1, 5, 3, 4], 6), whole([1, 5, 3, 4], 7)),
    apply('int32 with broadcasting', fn, whole([2, 3, 5], 8, 'int32'), whole([3, 1], 9, 'int32')),
    apply('bool', fn, whole([11], 10, 'bool'), whole([11], 11, 'bool')),
    apply(
      'NaN and infinity',
      fn,
      Tensor.float32([6], [nan, nan, Infinity, -Infinity, 1, 0]),
      Tensor.float32([6], [nan, 1, Infinity, Infinity, nan, -0]),
    ),
  ]),
  apply('an image and a number for each channel of each picture', 'mul', x, [2, 6, 1, 1]),
  apply('a number for each channel and an image', 'sub', [1, 6, 1, 1], x),
  apply('an image and a single-channel image', 'mul', x, [2, 1, 3, 5]),
  apply('an image and a constant per channel', 'add', x, [6, 1, 1], { constants: [1] }),
  apply('a constant per column and an image', 'sub', [5], x, { constants: [0] }),
  apply('an image and a constant image', 'div', x, odd(x, 'float32'), { constants: [1] }),
  apply('an image and a constant number', 'pow', new Random(3).tensor(x), Tensor.float32([], [2]), { constants: [1] }),
  apply('an image and a number', 'max', x, Tensor.float32([1], [0.25])),
  apply('an image and a vector that is not constant', 'add', x, [5]),
  apply('an image whose channels are whole vec4s and a number', 'div', [1, 8, 3, 3], Tensor.float32([], [3])),
  apply('a row and a column of pixels', 'add', [1, 5, 4, 1], [2, 5, 1, 3]),
  apply('a single-channel image and channels', 'mul', [1, 1, 4, 3], [2, 7, 1, 1]),
  apply('scalars', 'add', [], []),
  apply('a scalar and a matrix', 'sub', [], [3, 5]),
  apply('a matrix and a row', 'add', [3, 5], [5]),
  apply('a matrix and a column', 'mul', [3, 5], [3, 1]),
  apply('an outer product', 'mul', [7, 1], [1, 9]),
  apply('five axes', 'add', [2, 3, 1, 2, 5], [3, 4, 1, 5]),
  apply('eight axes', 'add', [2, 1, 2, 1, 2, 1, 2, 1], [1, 2, 1, 2, 1, 2, 1, 3]),
  apply('nothing', 'add', [0, 3], [3]),
  apply('int32 that wraps', 'mul', sequence([7], 'int32', 2 ** 30), sequence([7], 'int32', -3)),
  apply('int32 beyond the range that float32 counts', 'add', sequence([7], 'int32', 2 ** 24), sequence([1], 'int32')),
  apply('int32 images and a number', 'sub', sequence([1, 3, 2, 2], 'int32'), Tensor.int32([], [9])),
  apply('NaN, which wins', 'min', Tensor.float32([4], [nan, 1, -Infinity, nan]), Tensor.float32([4], [1, nan, 0, 2])),
  apply('NaN, which wins', 'max', Tensor.float32([4], [nan, 1, -Infinity, nan]), Tensor.float32([4], [1, nan, 0, 2])),
  apply('zero and infinity', 'div', Tensor.float32([4], [1, -1, 0, 5]), Tensor.float32([4], [0, 0, 0, Infinity])),
  // One size of results each, as errors are measured by the largest.
  apply(
    'quotients of many digits',
    'mod',
    Tensor.float32([4], [3e38, -1e30, 1e20, 16777216]),
    Tensor.float32([4], [7, 3, -5, 3]),
  ),
  apply('fractions', 'mod', Tensor.float32([4], [1000.1, -77.7, 1e7, 5.3]), Tensor.float32([4], [0.3, 0.7, 0.1, -0.9])),
  apply(
    'tiny divisors',
    'mod',
    Tensor.float32([4], [3e38, 1, -1e-3, 2e-30]),
    Tensor.float32([4], [1.5e-30, 1.7e-30, 1e-30, 1.1e-30]),
  ),
  apply(
    'zero, infinity and NaN',
    'mod',
    Tensor.float32([7], [5, -5, 0, Infinity, nan, 2, -Infinity]),
    Tensor.float32([7], [0, -0, 0, 3, 3, nan, Infinity]),
  ),
  apply('infinity', 'mod', Tensor.float32([3], [5, -7.5, 6]), Tensor.float32([3], [Infinity, Infinity, 1.5])),
  apply(
    'special bases and exponents',
    'pow',
    Tensor.float32([12], [-2, -2, -2, 0, 0, nan, 1, -1, 4, 3, nan, 9]),
    Tensor.float32([12], [3, 2, 0.5, 0, 2.5, 0, nan, Infinity, 0.5, 1, 2, -0.5]),
  ),
  apply(
    'powers of infinities by fractions',
    'pow',
    Tensor.float32([9], [-Infinity, -Infinity, -Infinity, -Infinity, Infinity, Infinity, -Infinity, -Infinity, -2]),
    Tensor.float32([9], [-0.75, 0.75, 0.5, -0.5, -0.75, 0.75, 3, -3, 0.5]),
  ),
  apply('image rows beyond one dimension of the grid', 'add', [3, 5, 7, 3], [1, 5, 1, 1], { workgroupLimit: 6 }),
  apply('more vec4s than one dimension of the grid takes', 'add', [43, 41], [43, 41], { workgroupLimit: 4 }),
  apply('more elements than one dimension of the grid takes', 'add', [43, 41], [41], { workgroupLimit: 4 }),
  apply('more pairs than one dimension of the grid takes', 'less', [43, 41], [41], { workgroupLimit: 6 }),
  ...sampled('any shapes that broadcast', broadcastPair, (name, { a, b }) => apply(name, 'sub', a, b), 10),
  ...sampled('any shapes that broadcast', broadcastPair, (name, { a, b }) => apply(name, 'less', a, b), 4),
];
