import type { OperatorAttributes } from '../operators';
import { type Shape, stridesOf, type Tensor } from '../tensor';
import { pick, stridedOffsets } from './strided';

/**
 * Lays each block of pixels out as channels, the inverse of depth-to-space 'dcr': pixel (i, j) of a block of channel c
 * becomes channel `(i·block + j)·C + c`.
 *
 * @param x `[N, C, H·block, W·block]`
 * @param shape of the output, `[N, C·block², H, W]`
 */
export function spaceToDepth(x: Tensor, { blockSize }: OperatorAttributes['space-to-depth'], shape: Shape): Tensor {
  const [n, channels] = x.shape;
  const [, , height, width] = shape;
  const [sample, plane, row, column] = stridesOf(x.shape);
  const offsets = stridedOffsets(
    [n, blockSize, blockSize, channels, height, width],
    [sample, row, column, plane, blockSize * row, blockSize * column],
  );
  return pick(x, offsets, shape);
}
