import { Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { cases as poolCases } from './max-pool2d';

const { NaN: nan } = Number;

/** Every case of the pooling itself, and pictures with more than one greatest pixel. */
export const cases: readonly KernelCase<'max-pool2d-indices'>[] = [
  ...poolCases.map((testCase) => ({ ...testCase, op: 'max-pool2d-indices' }) as const),
  {
    name: 'the first of equal pixels, the last of several that are NaN',
    op: 'max-pool2d-indices',
    attributes: { kernel: [2, 2], stride: [1, 2], dilation: [1, 1], padding: [0, 0, 0, 0], ceilMode: false },
    inputs: [Tensor.float32([1, 1, 3, 6], [2, 2, nan, 0, -1, nan, 2, 2, nan, 9, nan, -1, 2, 3, nan, nan, -1, -1])],
  },
];
