import type { Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { sequence } from '../../support/tensors';

const tile = (name: string, input: Shape | Tensor, repeats: readonly number[]): KernelCase<'tile'> => ({
  name,
  op: 'tile',
  attributes: { repeats },
  inputs: [input],
});

export const cases: readonly KernelCase<'tile'>[] = [
  tile('a scalar', [], []),
  tile('a vector', [5], [3]),
  tile('a matrix both ways', [3, 5], [2, 3]),
  tile('an image along its sides, channels no multiple of 4', sequence([2, 6, 3, 5]), [1, 1, 2, 3]),
  tile('an image along its channels', sequence([1, 3, 2, 5]), [1, 2, 1, 1]),
  tile('an image along every axis', sequence([2, 3, 2, 2]), [2, 3, 2, 2]),
  tile('whole vec4s of channels', [1, 8, 2, 3], [2, 1, 1, 2]),
  tile('five axes, three of them repeated', [2, 1, 3, 2, 2], [1, 4, 2, 1, 3]),
  tile('once', [1, 6, 2, 3], [1, 1, 1, 1]),
  tile('no times', [3, 2], [0, 1]),
  tile('booleans', sequence([7], 'bool'), [2]),
];
