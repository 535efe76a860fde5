import { keepLayout, type OperatorKernels } from '../kernel';
import { copying, paddedChannels, stridedCopy, wholeOf } from './strided-copy';

/**
 * Pixel shuffle: channel `(i·block + j)·C + c` ('dcr') or `(c·block + i)·block + j` ('crd') becomes pixel (i, j) of a
 * block of channel c. A strided copy over `[N, H, block, W, block, C]`; with 'dcr' it moves whole vec4s if 4 divides C.
 */
export const depthToSpace: OperatorKernels<'depth-to-space'> = {
  layouts: keepLayout,
  candidates: ({ node, inputs: [x], outputs: [y], device }) => {
    const { blockSize: block, mode } = node.attributes;
    const [batch, , height, width] = x.shape;
    const channels = y.shape[1];
    const [image, channel, row, column] = x.strides;
    const [i, j, c] = mode === 'dcr' ? [block * channels, channels, 1] : [block, 1, block ** 2];
    const [toImage, toChannel, toRow, toColumn] = y.strides;
    const shape = [batch, height, block, width, block, channels];
    const from = { ...wholeOf(x), strides: [image, row, i * channel, column, j * channel, c * channel] };
    const to = { ...wholeOf(y), strides: [toImage, block * toRow, toRow, block * toColumn, toColumn, toChannel] };
    return copying([stridedCopy(shape, from, to, device, paddedChannels(y, 5))]);
  },
};
