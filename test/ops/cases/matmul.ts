import { type Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';

const matmul = (name: string, a: Shape | Tensor, b: Shape | Tensor): KernelCase<'matmul'> => ({
  name,
  op: 'matmul',
  attributes: {},
  inputs: [a, b],
});

export const cases: readonly KernelCase<'matmul'>[] = [
  matmul('sizes that no tile divides', [5, 7], [7, 9]),
  matmul('sizes that tiles divide', [8, 16], [16, 12]),
  matmul('single numbers', [1, 1], [1, 1]),
  matmul('a row times a matrix', [1, 13], [13, 6]),
  matmul('a matrix times a column', [6, 13], [13, 1]),
  matmul('a batch', [3, 5, 6], [3, 6, 7]),
  matmul('one matrix for a whole batch', [2, 3, 5, 6], [6, 7]),
  matmul('both sides repeated along different axes', [2, 1, 5, 3], [1, 4, 3, 6]),
  matmul('a batch with more axes on the right', [3, 4], [2, 2, 4, 5]),
  matmul('NaN and infinity stay in their rows', Tensor.float32([3, 2], [1, Number.NaN, 2, 3, Infinity, 1]), [2, 5]),
  { ...matmul('more matrices than a grid is long', [70, 5, 3], [3, 6]), workgroupLimit: 8 },
  { ...matmul('more rows than a grid is long', [600, 2], [2, 5]), workgroupLimit: 8 },
];
