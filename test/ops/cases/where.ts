import { type Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { sequence } from '../../support/tensors';

const choose = (
  name: string,
  condition: Shape,
  a: Shape | Tensor,
  b: Shape | Tensor,
  rest: Partial<KernelCase<'where'>> = {},
): KernelCase<'where'> => ({
  name,
  op: 'where',
  attributes: {},
  inputs: [sequence(condition, 'bool'), a, b],
  ...rest,
});

export const cases: readonly KernelCase<'where'>[] = [
  choose('images whose channels are no multiple of 4', [2, 6, 3, 5], [2, 6, 3, 5], [2, 6, 3, 5]),
  choose('images by a mask with one channel', [2, 1, 3, 5], [2, 6, 3, 5], [1, 6, 1, 1]),
  choose('an image or a number', [2, 6, 3, 5], [2, 6, 3, 5], Tensor.float32([], [-1]), { constants: [2] }),
  choose('vectors', [37], [37], [37]),
  choose('scalars', [], [], []),
  choose('by rows', [3, 1], [3, 5], [5]),
  choose('five axes', [2, 1, 3, 1, 2], [3, 1, 2], [2, 2, 1, 4, 1]),
  choose('int32', [7], sequence([7], 'int32', 2 ** 24 + 1), sequence([1], 'int32')),
  choose('the other branch may be NaN', [4], [4], Tensor.float32([4], [Number.NaN, 1, Infinity, 2])),
  choose('more elements than one dimension of the grid takes', [43, 41], [41], [1], { workgroupLimit: 6 }),
  {
    name: 'by int32, of which all but 0 is true',
    op: 'where',
    attributes: {},
    inputs: [Tensor.int32([4], [0, 2, -1, 0]), [4], [4]],
  },
];
