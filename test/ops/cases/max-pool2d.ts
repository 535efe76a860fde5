import { profileOf } from '../../../src/gpu/adapter-profile';
import { Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

const plain = { kernel: [3, 3], stride: [2, 2], dilation: [1, 1], padding: [0, 0, 0, 0], ceilMode: false } as const;
const { NaN: nan } = Number;

/** Square windows, whose taps GPUs load all at once. */
const squares: readonly KernelCase<'max-pool2d'>[] = [
  {
    name: '2×2 and 3 channels over an odd picture, two images',
    op: 'max-pool2d',
    attributes: { ...plain, kernel: [2, 2], padding: [1, 0, 0, 1] },
    inputs: [new Random(4).tensor([2, 3, 7, 5], -9, -1)],
  },
  {
    name: '3×3 beyond the picture on every side, some windows of nothing but padding',
    op: 'max-pool2d',
    attributes: { ...plain, stride: [1, 2], padding: [3, 4, 3, 4] },
    inputs: [new Random(5).tensor([1, 5, 2, 3], -9, -1)],
  },
  {
    name: '3×3 with NaN and infinities',
    op: 'max-pool2d',
    attributes: { ...plain, stride: [1, 1], padding: [1, 1, 1, 1] },
    inputs: [Tensor.float32([1, 1, 3, 5], [1, nan, 3, 4, 2, 0, -1, -2, -Infinity, 5, 7, 8, 9, Infinity, -4])],
  },
];

const gpu = profileOf({ software: false, subgroups: false });

export const cases: readonly KernelCase<'max-pool2d'>[] = [
  ...squares,
  ...squares.map((one) => ({ ...one, name: `${one.name}, as on a GPU`, profile: gpu })),
  { name: 'channels that are no multiple of 4', op: 'max-pool2d', attributes: plain, inputs: [[2, 6, 11, 9]] },
  {
    name: 'negative numbers beside padding, which never wins',
    op: 'max-pool2d',
    attributes: { ...plain, padding: [1, 1, 1, 1] },
    inputs: [new Random(3).tensor([1, 5, 7, 8], -9, -1)],
  },
  {
    name: 'ceil mode with asymmetric padding',
    op: 'max-pool2d',
    attributes: { ...plain, kernel: [2, 3], padding: [1, 0, 0, 1], ceilMode: true },
    inputs: [[1, 4, 6, 8]],
  },
  {
    name: 'dilation and unequal strides',
    op: 'max-pool2d',
    attributes: { ...plain, stride: [1, 3], dilation: [2, 3], padding: [1, 2, 2, 1] },
    inputs: [[1, 8, 9, 12]],
  },
  {
    name: 'windows of nothing but padding give -Infinity',
    op: 'max-pool2d',
    attributes: { ...plain, kernel: [1, 1], stride: [1, 1], padding: [1, 2, 1, 0] },
    inputs: [[1, 3, 2, 2]],
  },
  { name: 'one pixel', op: 'max-pool2d', attributes: { ...plain, kernel: [1, 1] }, inputs: [[1, 1, 1, 1]] },
  {
    name: 'NaN wins, -Infinity does not',
    op: 'max-pool2d',
    attributes: { ...plain, kernel: [1, 3], stride: [1, 1] },
    inputs: [Tensor.float32([1, 1, 1, 9], [1, nan, 3, 4, Infinity, -Infinity, -Infinity, -Infinity, nan])],
  },
  {
    name: 'more rows than one dimension of the grid takes',
    op: 'max-pool2d',
    attributes: { ...plain, kernel: [2, 2], stride: [1, 1] },
    inputs: [[3, 5, 9, 7]],
    workgroupLimit: 5,
  },
  {
    name: 'billions of taps around a picture',
    op: 'max-pool2d',
    attributes: { ...plain, kernel: [100_001, 100_001], stride: [1, 1], padding: [50_000, 50_000, 50_001, 50_000] },
    inputs: [[1, 5, 4, 4]],
  },
];
