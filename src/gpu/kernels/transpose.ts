import { type OperatorKernels, toLinear } from '../kernel';
import { copying, copyTo } from './strided-copy';

/** Axes permuted by a strided copy; with the identity it changes nothing but the layout. */
export const transpose: OperatorKernels<'transpose'> = {
  layouts: toLinear,
  candidates: ({ node, inputs: [x], outputs: [y], device }) => {
    const strides = node.attributes.permutation.map((axis) => x.strides[axis]);
    return copying(copyTo(y, { tensor: x, offset: x.offset, strides }, device));
  },
};
