import { type Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

const norm = (name: string, shape: Shape, rest: Partial<KernelCase<'batch-norm'>> = {}): KernelCase<'batch-norm'> => {
  const channels = [shape[1]];
  const random = new Random(11);
  return {
    name,
    op: 'batch-norm',
    attributes: { epsilon: 1e-3 },
    inputs: [shape, channels, channels, channels, random.tensor(channels, 0.2, 2)],
    ...rest,
  };
};

/** With slopes of a PReLU and, perhaps, a residual. */
const withNeighbours = (one: KernelCase<'batch-norm'>, hasResidual: boolean): KernelCase<'batch-norm'> => ({
  ...one,
  inputs: [...one.inputs, one.inputs[1], ...(hasResidual ? [one.inputs[0]] : [])],
});

const wide = norm('large means and small variances', [1, 5, 3, 4]);

export const cases: readonly KernelCase<'batch-norm'>[] = [
  norm('an image whose channels are no multiple of 4', [2, 6, 3, 5]),
  norm('an image whose channels are whole vec4s', [2, 8, 3, 5]),
  norm('one pixel of one channel', [1, 1, 1, 1]),
  norm('a matrix', [5, 7]),
  norm('rank 3', [2, 5, 7]),
  norm('rank 5', [2, 3, 2, 3, 5]),
  withNeighbours(norm('a PReLU behind it', [2, 6, 3, 5]), false),
  withNeighbours(norm('a residual and a PReLU', [2, 6, 3, 5]), true),
  withNeighbours(norm('a residual and a PReLU in rank 3', [2, 5, 7]), true),
  norm('vectors that are not constant', [2, 6, 3, 5], { constants: [] }),
  norm('more rows than one dimension of the grid takes', [3, 5, 7, 4], { workgroupLimit: 6 }),
  norm('more elements than one dimension of the grid takes', [5, 7, 31], { workgroupLimit: 3 }),
  {
    ...wide,
    inputs: [
      new Random(12).tensor([1, 5, 3, 4], 999, 1001),
      ...wide.inputs.slice(1, 3),
      Tensor.float32([5], [1000, 1000, 1000, 1000, 1000]),
      Tensor.float32([5], [0.3, 0.3, 0.3, 0.3, 0.3]),
    ],
  },
];
