import { gridFits, type OperatorKernels } from '../kernel';
import { convTranspose2dNaive } from './conv-transpose2d-naive';
import { convTranspose2dTiled } from './conv-transpose2d-tiled';

/** Transposed convolution: its variants, the best guess for this node and device first. */
export const convTranspose2d: OperatorKernels<'conv-transpose2d'> = {
  layouts: (node) => ({
    inputs: node.inputs.map((_, i) => (i === 0 || i === 3 ? 'nhwc4' : 'linear')),
    outputs: ['nhwc4'],
  }),
  candidates: (context) =>
    [convTranspose2dTiled, convTranspose2dNaive]
      .flatMap((variant) => variant(context))
      .filter(({ dispatches }) => dispatches.every(({ workgroups }) => gridFits(workgroups, context.device))),
};
