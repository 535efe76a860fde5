import type { OperatorAttributes } from '../../../src/operators';
import type { Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { sequence } from '../../support/tensors';

const shuffle = (
  name: string,
  mode: OperatorAttributes['depth-to-space']['mode'],
  blockSize: number,
  input: Shape | Tensor,
): KernelCase<'depth-to-space'> => ({
  name: `${mode}: ${name}`,
  op: 'depth-to-space',
  attributes: { blockSize, mode },
  inputs: [input],
});

export const cases: readonly KernelCase<'depth-to-space'>[] = (['dcr', 'crd'] as const).flatMap((mode) => [
  shuffle('whole vec4s', mode, 2, sequence([2, 16, 3, 5])),
  shuffle('three channels', mode, 2, sequence([1, 12, 3, 5])),
  shuffle('blocks of three', mode, 3, sequence([1, 18, 2, 1])),
  shuffle('blocks of one', mode, 1, sequence([1, 5, 2, 3])),
  shuffle('one pixel', mode, 4, sequence([1, 16, 1, 1])),
  shuffle('int32', mode, 2, sequence([1, 4, 2, 2], 'int32', 2 ** 24 + 1)),
]);
