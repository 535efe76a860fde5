import { stridesOf } from '../tensor';
import type { Reference } from './reference';
import { pick, stridedOffsets } from './strided';

/**
 * Lays `blockSize²` channels out as a block of pixels: pixel shuffle. Shi et al. 2016, section 3.2.
 * Channel `(i·block + j)·C + c` ('dcr') or `c·block² + i·block + j` ('crd') becomes pixel (i, j) of block of channel c.
 */
export const depthToSpace: Reference<'depth-to-space'> = ([x], { blockSize, mode }, [shape]) => {
  const [n, channels, height, width] = x.shape;
  const outChannels = shape[1];
  const [sample, plane, row, column] = stridesOf([n, channels, height, width]);
  const [blockRow, blockColumn, channel] =
    mode === 'dcr'
      ? [blockSize * outChannels * plane, outChannels * plane, plane]
      : [blockSize * plane, plane, blockSize ** 2 * plane];
  const offsets = stridedOffsets(
    [n, outChannels, height, blockSize, width, blockSize],
    [sample, channel, row, blockRow, column, blockColumn],
  );
  return pick(x, offsets, shape);
};
