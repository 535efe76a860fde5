import type { Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

const norm = (
  name: string,
  shape: Shape,
  rest: Partial<KernelCase<'instance-norm'>> = {},
  input: Shape | Tensor = shape,
): KernelCase<'instance-norm'> => ({
  name,
  op: 'instance-norm',
  attributes: { epsilon: 1e-5 },
  inputs: [input, [shape[1]], [shape[1]]],
  ...rest,
});

/** Large numbers that differ little: the shorter formula for the variance would cancel completely. */
const far = (shape: Shape): Tensor => new Random(13).tensor(shape, 4095, 4097);
const reason = 'rounding the mean, 4096, to 2⁻¹² of the deviations is all that a float32 can do';

export const cases: readonly KernelCase<'instance-norm'>[] = [
  norm('an image whose channels are no multiple of 4', [2, 6, 7, 5]),
  norm('more channels than a workgroup serves', [1, 300, 3, 3]),
  norm('a large picture of few channels', [1, 3, 67, 71]),
  norm('one pixel, which is its own mean', [1, 5, 1, 1]),
  norm('a large mean', [1, 5, 8, 9], { tolerance: 2 ** -11, reason }, far([1, 5, 8, 9])),
  norm('rank 3', [2, 5, 70]),
  norm('rank 5', [2, 3, 2, 3, 5]),
  norm('rank 3 with a large mean', [1, 5, 70], { tolerance: 2 ** -11, reason }, far([1, 5, 70])),
  norm('vectors that are not constant', [2, 6, 3, 5], { constants: [] }),
  norm('more rows than one dimension of the grid takes', [3, 5, 7, 4], { workgroupLimit: 6 }),
  norm('more channels than one dimension of the grid takes', [3, 5, 7], { workgroupLimit: 4 }),
];
