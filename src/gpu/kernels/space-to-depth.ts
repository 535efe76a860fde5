import type { OperatorKernels } from '../kernel';
import { copying, stridedCopy, wholeOf } from './strided-copy';

/**
 * The inverse of depth-to-space 'dcr': pixel (i, j) of a block of channel c becomes channel `(i·block + j)·C + c`.
 * A strided copy over `[N, H, W, block, block, C]`; it moves whole vec4s if 4 divides C.
 */
export const spaceToDepth: OperatorKernels<'space-to-depth'> = {
  // A copy fills padding lanes only when its innermost axis is all channels.
  layouts: (node, graph, [have]) => ({
    inputs: [have],
    outputs: [graph.values.get(node.outputs[0])!.shape[1] % 4 === 0 ? have : 'linear'],
  }),
  candidates: ({ node, inputs: [x], outputs: [y], device }) => {
    const { blockSize: block } = node.attributes;
    const channels = x.shape[1];
    const [batch, , height, width] = y.shape;
    const [image, channel, row, column] = x.strides;
    const [toImage, toChannel, toRow, toColumn] = y.strides;
    const shape = [batch, height, width, block, block, channels];
    const from = { ...wholeOf(x), strides: [image, block * row, block * column, row, column, channel] };
    const to = {
      ...wholeOf(y),
      strides: [toImage, toRow, toColumn, block * channels * toChannel, channels * toChannel, toChannel],
    };
    return copying([stridedCopy(shape, from, to, device)]);
  },
};
