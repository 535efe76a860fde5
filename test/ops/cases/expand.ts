import type { Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { sequence } from '../../support/tensors';

const expand = (name: string, input: Shape | Tensor, shape: Shape): KernelCase<'expand'> => ({
  name,
  op: 'expand',
  attributes: { shape },
  inputs: [input],
});

export const cases: readonly KernelCase<'expand'>[] = [
  expand('a scalar to a matrix', [], [3, 5]),
  expand('a vector to rows', [5], [3, 5]),
  expand('a column to a matrix', [3, 1], [3, 5]),
  expand('channels to an image', sequence([1, 6, 1, 1]), [2, 6, 3, 5]),
  expand('one channel to several', sequence([2, 1, 3, 5]), [2, 7, 3, 5]),
  expand('whole vec4s of channels', sequence([2, 8, 1, 1]), [2, 8, 3, 5]),
  expand('a vector to an image', [5], [2, 3, 4, 5]),
  expand('to five axes', [3, 1, 2, 1], [2, 3, 4, 2, 5]),
  expand('to its own shape', [3, 5], [3, 5]),
  expand('int32', sequence([5, 1], 'int32', 2 ** 24 + 1), [5, 2]),
];
