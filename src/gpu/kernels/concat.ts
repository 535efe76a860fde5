import type { OperatorKernels } from '../kernel';
import { copyAll, copying, paddedChannels, wholeOf } from './strided-copy';

/**
 * Tensors joined along one axis: strided copies of the parts that their makers did not write in place.
 * Parts may have any layout; the result is nhwc4 as soon as one of them is.
 */
export const concat: OperatorKernels<'concat'> = {
  layouts: (_node, _graph, have) => ({ inputs: have, outputs: [have.includes('nhwc4') ? 'nhwc4' : 'linear'] }),
  candidates: ({ node, inputs, outputs: [y], device }) => {
    const { axis } = node.attributes;
    const lanes = paddedChannels(y);
    let start = 0;
    const copies = inputs.map((x, i) => {
      const to = { tensor: y, offset: y.offset + start * y.strides[axis], strides: y.strides };
      // Along the channels only the last part reaches the lanes behind them.
      const isLast = i === inputs.length - 1;
      const padded = axis === 1 && lanes ? (isLast ? { axis, extent: lanes.extent - start } : undefined) : lanes;
      start += x.shape[axis];
      return { shape: x.shape, x: wholeOf(x), y: to, padded };
    });
    return copying(copyAll(copies, device));
  },
};
