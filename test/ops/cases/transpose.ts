import fc from 'fast-check';
import type { KernelCase } from '../../support/kernel-case';
import { sampled } from '../../support/sampled';
import { sequence } from '../../support/tensors';

const permute = (name: string, shape: readonly number[], permutation: readonly number[]): KernelCase<'transpose'> => ({
  name,
  op: 'transpose',
  attributes: { permutation },
  inputs: [sequence(shape)],
});

export const cases: readonly KernelCase<'transpose'>[] = [
  permute('a scalar', [], []),
  permute('a vector', [7], [0]),
  permute('a matrix with sides that are no multiple of 4', [5, 7], [1, 0]),
  permute('an image to channels last is a view when 4 divides the channels', [2, 8, 3, 5], [0, 2, 3, 1]),
  permute('an image to channels last', [2, 6, 3, 5], [0, 2, 3, 1]),
  permute('an image with its sides swapped', [2, 3, 4, 5], [0, 1, 3, 2]),
  permute('an image with all axes reversed', [2, 3, 4, 5], [3, 2, 1, 0]),
  permute('five axes', [2, 3, 1, 4, 5], [4, 2, 0, 3, 1]),
  permute('eight axes', [2, 1, 2, 3, 2, 1, 2, 2], [7, 3, 0, 5, 2, 6, 1, 4]),
  permute('an empty tensor', [0, 3], [1, 0]),
  {
    ...permute('more elements than one dimension of the grid takes', [31, 41], [1, 0]),
    workgroupLimit: 7,
  },
  {
    ...permute('more vec4s than one dimension of the grid takes', [2, 31, 40], [1, 0, 2]),
    workgroupLimit: 7,
  },
  {
    name: 'int32 beyond the range that float32 counts',
    op: 'transpose',
    attributes: { permutation: [1, 0] },
    inputs: [sequence([3, 5], 'int32', 2 ** 24 + 1)],
  },
  ...sampled(
    'any axes in any order',
    fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }).chain((shape) =>
      fc
        .shuffledSubarray(
          shape.map((_, axis) => axis),
          { minLength: shape.length },
        )
        .map((permutation) => ({ shape, permutation })),
    ),
    (name, { shape, permutation }) => permute(name, shape, permutation),
  ),
];
