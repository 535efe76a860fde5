import type { Layout, OperatorKernels } from '../kernel';
import { copying, copyTo } from './strided-copy';

/** Axes permuted by a strided copy; with the identity it changes nothing but the layout. */
export const transpose: OperatorKernels<'transpose'> = {
  layouts: (_node, _graph, have): { inputs: Layout[]; outputs: Layout[] } => ({
    inputs: [have[0]],
    outputs: ['linear'],
  }),
  candidates: ({ node, inputs: [x], outputs: [y], device }) => {
    const strides = node.attributes.permutation.map((axis) => x.strides[axis]);
    return copying(copyTo(y, { tensor: x, offset: x.offset, strides }, device));
  },
};
