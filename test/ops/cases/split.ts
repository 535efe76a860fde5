import type { Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { sequence } from '../../support/tensors';

const cut = (name: string, axis: number, sizes: readonly number[], input: Shape | Tensor): KernelCase<'split'> => ({
  name,
  op: 'split',
  attributes: { axis, sizes },
  inputs: [input],
});

export const cases: readonly KernelCase<'split'>[] = [
  cut('an image into channels that 4 divides, the last part with padding lanes', 1, [4, 8, 3], [2, 15, 3, 2]),
  cut('an image into channels that are no multiple of 4', 1, [3, 6, 1], [2, 10, 3, 2]),
  cut('an image into rows', 2, [1, 4], [2, 3, 5, 2]),
  cut('a vector', 0, [4, 1, 2], [7]),
  cut('a matrix into columns', 1, [1, 3], [5, 4]),
  cut('five axes', 3, [2, 2], [2, 1, 3, 4, 2]),
  cut('int32', 0, [3, 5], sequence([8], 'int32', 2 ** 24 + 1)),
];
