import type { Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { sequence } from '../../support/tensors';

const reshape = (name: string, input: Shape | Tensor, shape: Shape): KernelCase<'reshape'> => ({
  name,
  op: 'reshape',
  attributes: { shape },
  inputs: [input],
});

export const cases: readonly KernelCase<'reshape'>[] = [
  reshape('an image to a matrix', sequence([2, 6, 3, 5]), [2, 90]),
  reshape('one pixel to a vector is a view when 4 divides the channels', [2, 8, 1, 1], [2, 8]),
  reshape('one pixel of an odd number of channels', [1, 7, 1, 1], [7]),
  reshape('two pixels of an odd number of channels', [2, 7, 1, 1], [2, 7]),
  reshape('a vector to an image', [42], [1, 7, 2, 3]),
  reshape('an image to five axes (channel shuffle)', sequence([1, 6, 2, 3]), [1, 2, 3, 2, 3]),
  reshape('a scalar to a vector', [], [1]),
  reshape('an empty tensor', [0, 3], [3, 0]),
  reshape('int32', sequence([3, 5], 'int32', 2 ** 24 + 1), [15]),
];
