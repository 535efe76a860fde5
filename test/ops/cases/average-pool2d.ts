import { Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';

const plain = { kernel: [3, 3], stride: [2, 2], dilation: [1, 1], padding: [0, 0, 0, 0], ceilMode: false } as const;

export const cases: readonly KernelCase<'average-pool2d'>[] = [true, false].flatMap(
  (countIncludePad): KernelCase<'average-pool2d'>[] => {
    const counted = countIncludePad ? 'padding counted' : 'padding not counted';
    const base = { ...plain, countIncludePad };
    return [
      { name: `no padding, ${counted}`, op: 'average-pool2d', attributes: base, inputs: [[2, 6, 11, 9]] },
      {
        name: `asymmetric padding and ceil mode, ${counted}`,
        op: 'average-pool2d',
        attributes: { ...base, kernel: [2, 3], padding: [1, 0, 0, 1], ceilMode: true },
        inputs: [[1, 5, 6, 9]],
      },
      {
        name: `ceil mode reaching behind the padding, ${counted}`,
        op: 'average-pool2d',
        attributes: { ...base, padding: [1, 1, 1, 1], ceilMode: true },
        inputs: [[1, 4, 6, 8]],
      },
      {
        name: `dilation, ${counted}`,
        op: 'average-pool2d',
        attributes: { ...base, stride: [1, 3], dilation: [2, 3], padding: [1, 2, 2, 1] },
        inputs: [[1, 8, 9, 12]],
      },
      {
        name: `windows of nothing but padding, ${counted}`,
        op: 'average-pool2d',
        attributes: { ...base, kernel: [1, 1], stride: [1, 1], padding: [1, 2, 1, 0] },
        inputs: [[1, 3, 2, 2]],
      },
      {
        name: `billions of taps around a picture, ${counted}`,
        op: 'average-pool2d',
        attributes: { ...base, kernel: [100_001, 100_001], stride: [1, 1], padding: [50_000, 50_000, 50_001, 50_000] },
        inputs: [[1, 5, 4, 4]],
      },
      {
        name: `NaN and infinity, ${counted}`,
        op: 'average-pool2d',
        attributes: { ...base, kernel: [1, 2], stride: [1, 1] },
        inputs: [Tensor.float32([1, 1, 1, 6], [1, 2, Infinity, 4, Number.NaN, 6])],
      },
      {
        name: `more rows than one dimension of the grid takes, ${counted}`,
        op: 'average-pool2d',
        attributes: { ...base, kernel: [2, 2], stride: [1, 1] },
        inputs: [[3, 5, 9, 7]],
        workgroupLimit: 5,
      },
    ];
  },
);
