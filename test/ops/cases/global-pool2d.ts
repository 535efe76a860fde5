import { Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

export const cases: readonly KernelCase<'global-pool2d'>[] = (['mean', 'max'] as const).flatMap(
  (fn): KernelCase<'global-pool2d'>[] => {
    const base = { op: 'global-pool2d', attributes: { fn } } as const;
    return [
      { ...base, name: `${fn} of channels that are no multiple of 4`, inputs: [[2, 70, 7, 5]] },
      { ...base, name: `${fn} of one pixel`, inputs: [[1, 3, 1, 1]] },
      { ...base, name: `${fn} of a large picture of few channels`, inputs: [[1, 5, 67, 71]] },
      { ...base, name: `${fn} of many channels`, inputs: [[1, 300, 3, 3]] },
      { ...base, name: `${fn} of negative numbers`, inputs: [new Random(5).tensor([1, 6, 4, 5], -9, -1)] },
      {
        ...base,
        name: `${fn} with NaN and infinity`,
        inputs: [Tensor.float32([1, 3, 1, 3], [1, Number.NaN, 2, -Infinity, -Infinity, -Infinity, 0, Infinity, 7])],
      },
    ];
  },
);
