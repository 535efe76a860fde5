import type { Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { sequence } from '../../support/tensors';

const join = (name: string, axis: number, inputs: readonly (Shape | Tensor)[]): KernelCase<'concat'> => ({
  name,
  op: 'concat',
  attributes: { axis },
  inputs,
});

export const cases: readonly KernelCase<'concat'>[] = [
  join('images along channels that 4 divides', 1, [
    [2, 8, 3, 5],
    [2, 4, 3, 5],
  ]),
  join('images along channels that are no multiple of 4', 1, [
    [2, 3, 3, 5],
    [2, 6, 3, 5],
    [2, 1, 3, 5],
  ]),
  join('images whose last part reaches into padding lanes', 1, [
    [1, 4, 3, 3],
    [1, 3, 3, 3],
  ]),
  join('images along the rows, channels no multiple of 4', 2, [
    [2, 3, 2, 5],
    [2, 3, 4, 5],
  ]),
  join('images along the batch', 0, [
    [1, 5, 2, 3],
    [2, 5, 2, 3],
  ]),
  join('a single image', 1, [[1, 5, 2, 3]]),
  join('vectors', 0, [[3], [5], [1]]),
  join('matrices along the columns', 1, [
    [3, 5],
    [3, 2],
  ]),
  join('an empty part', 1, [
    [3, 5],
    [3, 0],
    [3, 2],
  ]),
  join('five axes along the middle one', 2, [
    [2, 3, 1, 2, 3],
    [2, 3, 4, 2, 3],
  ]),
  join('int32', 0, [sequence([5], 'int32', 2 ** 24 + 1), sequence([2], 'int32', -9)]),
  join('booleans', 0, [sequence([5], 'bool'), sequence([2], 'bool')]),
  {
    ...join('with a constant part', 1, [
      [1, 3, 2, 2],
      [1, 2, 2, 2],
    ]),
    constants: [1],
  },
];
