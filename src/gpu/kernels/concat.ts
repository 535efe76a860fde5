import type { OperatorKernels } from '../kernel';
import { copying, paddedChannels, sameRegion, stridedCopy, wholeOf } from './strided-copy';

/**
 * Tensors joined along one axis: one strided copy for each part that its maker did not write in place.
 * Parts may have any layout; the result is nhwc4 as soon as one of them is.
 */
export const concat: OperatorKernels<'concat'> = {
  layouts: (_node, _graph, have) => ({ inputs: have, outputs: [have.includes('nhwc4') ? 'nhwc4' : 'linear'] }),
  candidates: ({ node, inputs, outputs: [y], device }) => {
    const { axis } = node.attributes;
    let start = 0;
    const dispatches = inputs.flatMap((x, i) => {
      const to = { tensor: y, offset: y.offset + start * y.strides[axis], strides: y.strides };
      const padded = paddedChannels(y);
      // Along the channels only the last part reaches the lanes behind them.
      const lanes = axis === 1 && padded ? i === inputs.length - 1 && { axis, extent: padded.extent - start } : padded;
      start += x.shape[axis];
      if (sameRegion(x.shape, wholeOf(x), to)) return [];
      return [stridedCopy(x.shape, wholeOf(x), to, device, lanes || undefined)];
    });
    return copying(dispatches);
  },
};
