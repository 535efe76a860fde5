import type { OperatorKernels } from '../kernel';
import { broadcastStrides } from './strided-box';
import { copying, copyTo } from './strided-copy';

/** NumPy's broadcast to a larger shape: a strided copy that stands still along the repeated axes. */
export const expand: OperatorKernels<'expand'> = {
  layouts: ({ attributes }, _graph, [have]) => ({
    inputs: [have],
    outputs: [attributes.shape.length === 4 ? have : 'linear'],
  }),
  candidates: ({ inputs: [x], outputs: [y], device }) =>
    copying(copyTo(y, { tensor: x, offset: x.offset, strides: broadcastStrides(x, y.shape) }, device)),
};
