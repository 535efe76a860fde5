import type { OperatorKernels } from '../kernel';
import { copying, paddedChannels, stridedCopy } from './strided-copy';

/** Copies side by side: each axis is walked as `[repeats, length]`, and the input stands still along the repeats. */
export const tile: OperatorKernels<'tile'> = {
  // A copy fills padding lanes only when its innermost axis is all channels.
  layouts: ({ attributes }, _graph, [have]) => ({
    inputs: [have],
    outputs: [attributes.repeats[1] === 1 ? have : 'linear'],
  }),
  candidates: ({ node, inputs: [x], outputs: [y], device }) => {
    const { repeats } = node.attributes;
    const shape = x.shape.flatMap((length, axis) => [repeats[axis], length]);
    const from = { tensor: x, offset: x.offset, strides: x.strides.flatMap((stride) => [0, stride]) };
    const strides = y.strides.flatMap((stride, axis) => [x.shape[axis] * stride, stride]);
    const to = { tensor: y, offset: y.offset, strides };
    return copying([stridedCopy(shape, from, to, device, paddedChannels(y, 3))]);
  },
};
