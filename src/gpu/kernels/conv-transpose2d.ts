import { imageAndWeights, type OperatorKernels } from '../kernel';
import { convTranspose2dNaive } from './conv-transpose2d-naive';
import { convTranspose2dTiled } from './conv-transpose2d-tiled';

/** Transposed convolution: its variants, the best guess for this node and device first. */
export const convTranspose2d: OperatorKernels<'conv-transpose2d'> = {
  layouts: imageAndWeights,
  candidates: (context) => [...convTranspose2dTiled(context), ...convTranspose2dNaive(context)],
};
