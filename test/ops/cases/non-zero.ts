import { type Shape, sizeOf, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

const nonZero = (name: string, x: Tensor, rest: Partial<KernelCase<'non-zero'>> = {}): KernelCase<'non-zero'> => ({
  name,
  op: 'non-zero',
  attributes: {},
  inputs: [x],
  ...rest,
});

/** Zero but for a part of the elements. */
const sparse = (shape: Shape, part: number): Tensor<'float32'> =>
  Tensor.float32(
    shape,
    new Random(sizeOf(shape)).tensor(shape).data.map((v) => (Math.abs(v) < part ? v / part : 0)),
  );

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

export const cases: readonly KernelCase<'non-zero'>[] = [
  nonZero('a picture, no multiple of a block', sparse([2, 5, 7, 9], 0.3)),
  nonZero('a matrix of few numbers', sparse([40, 130], 0.02)),
  nonZero('a vector of one block', sparse([64], 0.5)),
  nonZero('one element', Tensor.float32([1, 1], [3])),
  nonZero('all of it zero', Tensor.float32([3, 50])),
  nonZero('none of it zero', Tensor.float32([70], new Float32Array(70).fill(1))),
  nonZero('a scalar', Tensor.float32([], [2])),
  nonZero('eight axes', sparse([2, 1, 3, 2, 1, 2, 3, 2], 0.4)),
  nonZero('NaN, infinity, both zeros and a small number', Tensor.float32([2, 4], [nan, 0, -0, inf, -inf, 1e-3, 0, -1])),
  nonZero('int32', Tensor.int32([2, 3], [0, -(2 ** 31), 5, 0, 2 ** 24 + 1, 0])),
  nonZero('bool', Tensor.bool([5], [0, 1, 1, 0, 1])),
  nonZero("more blocks than one dimension's workgroups", sparse([150, 141], 0.1), { workgroupLimit: 3 }),
];
