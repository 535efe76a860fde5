import { stridesOf } from '../tensor';
import type { Reference } from './reference';
import { pick, stridedOffsets } from './strided';

/**
 * Lays each block of pixels out as channels, the inverse of depth-to-space 'dcr': pixel (i, j) of a block of channel c
 * becomes channel `(i·block + j)·C + c`.
 */
export const spaceToDepth: Reference<'space-to-depth'> = ([x], { blockSize }, [shape]) => {
  const [n, channels] = x.shape;
  const [, , height, width] = shape;
  const [sample, plane, row, column] = stridesOf(x.shape);
  const offsets = stridedOffsets(
    [n, blockSize, blockSize, channels, height, width],
    [sample, row, column, plane, blockSize * row, blockSize * column],
  );
  return pick(x, offsets, shape);
};
