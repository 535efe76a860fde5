import type { OperatorAttributes } from '../../../src/operators';
import { NO_ACTIVATION, NO_EPILOGUE } from '../../../src/operators/epilogue';
import { type Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';

/** A case from the shape of x `[..., K]` and the number of outputs. */
function dense(
  name: string,
  x: Shape | Tensor,
  outputs: number,
  attributes: Partial<OperatorAttributes['dense']> = {},
): KernelCase<'dense'> {
  const shape = x instanceof Tensor ? x.shape : x;
  const residual = attributes.residual ? [[...shape.slice(0, -1), outputs]] : [];
  return {
    name,
    op: 'dense',
    attributes: { ...NO_EPILOGUE, ...attributes },
    inputs: [x, [outputs, shape.at(-1)!], [outputs], ...residual],
  };
}

const relu = { ...NO_ACTIVATION, fn: 'relu' } as const;

export const cases: readonly KernelCase<'dense'>[] = [
  dense('one row, as a classifier has', [1, 37], 19),
  dense('several rows that start at no multiple of four', [3, 13], 10),
  dense('more features than a workgroup shares out at once', [2, 130], 70),
  dense('fewer features than a workgroup has slices', [2, 3], 5),
  dense('a vector', [9], 6),
  dense('rows of a volume', [2, 3, 2, 8], 5),
  dense('one feature and one output', [1, 1], 1),
  dense('residual before the activation', [2, 11], 9, { activation: relu, residual: 'before-activation' }),
  dense('residual after the activation', [2, 11], 9, { activation: relu, residual: 'after-activation' }),
  dense('a fused sigmoid', [2, 11], 9, { activation: { fn: 'sigmoid', alpha: 0, beta: 0 } }),
  dense('NaN and infinity stay in their rows', Tensor.float32([3, 2], [1, Number.NaN, 2, 3, Infinity, 1]), 5),
  { ...dense('more rows than a grid is long', [70, 3], 9), workgroupLimit: 8 },
  { ...dense('more rows of few outputs than a grid is long', [70, 3], 9), workgroupLimit: 3 },
  { ...dense('weights and bias that the graph computes', [2, 13], 10), constants: [] },
];
