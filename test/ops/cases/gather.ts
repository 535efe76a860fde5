import { type Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { sequence } from '../../support/tensors';

const gather = (
  name: string,
  axis: number,
  input: Shape | Tensor,
  indices: Tensor,
  rest: Partial<KernelCase<'gather'>> = {},
): KernelCase<'gather'> => ({ name, op: 'gather', attributes: { axis }, inputs: [input, indices], ...rest });

export const cases: readonly KernelCase<'gather'>[] = [
  gather('from a vector', 0, [7], Tensor.int32([4], [3, 0, 6, 3])),
  gather('from the end', 0, [7], Tensor.int32([3], [-1, -7, 2])),
  gather('one number by a scalar', 0, [7], Tensor.int32([], [5])),
  gather('columns of a matrix', 1, [3, 5], Tensor.int32([2, 2], [4, 0, -2, 1])),
  gather('channels of an image', 1, [2, 6, 3, 5], Tensor.int32([3], [5, 0, 2])),
  gather('rows of five axes by constant indices', 2, [2, 3, 4, 1, 5], Tensor.int32([2], [3, -4]), { constants: [1] }),
  gather('zeros from beyond the axis', 1, [3, 5], Tensor.int32([4], [5, -6, 4, 2 ** 31 - 1])),
  gather('nothing', 0, [7], Tensor.int32([0])),
  gather('int32', 0, sequence([7], 'int32', 2 ** 24 + 1), Tensor.int32([2], [6, 1])),
  gather(
    'more elements than one dimension of the grid takes',
    0,
    [43, 41],
    Tensor.int32([8], [42, 0, 7, 1, 2, 3, 4, 5]),
    {
      workgroupLimit: 4,
    },
  ),
];
