import type { Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { sequence } from '../../support/tensors';

const gatherBlocks = (name: string, blockSize: number, input: Shape | Tensor): KernelCase<'space-to-depth'> => ({
  name,
  op: 'space-to-depth',
  attributes: { blockSize },
  inputs: [input],
});

export const cases: readonly KernelCase<'space-to-depth'>[] = [
  gatherBlocks('whole vec4s', 2, sequence([2, 8, 4, 6])),
  gatherBlocks('three channels', 2, sequence([1, 3, 4, 6])),
  gatherBlocks('blocks of three into channels that are no multiple of 4', 3, sequence([1, 2, 6, 3])),
  gatherBlocks('blocks of one', 1, sequence([1, 5, 2, 3])),
  gatherBlocks('one block', 4, sequence([1, 1, 4, 4])),
  gatherBlocks('int32', 2, sequence([1, 1, 4, 4], 'int32', 2 ** 24 + 1)),
];
