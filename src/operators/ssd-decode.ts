import { sameShape, sizeOf } from '../tensor';
import { check, checkRank, checkVector, text } from './checks';
import { defineOperator } from './operator';

interface SsdDecodeAttributes {
  readonly variances: readonly [center: number, size: number];
  readonly clip: boolean;
}

/**
 * SSD's box decoding (Liu et al. 2016, section 2.2). inputs: offsets `[N, B, 4]` (dx, dy, dw, dh),
 * default boxes `[B, 4]` (cx, cy, w, h in 0..1); output `[N, B, 4]` (xmin, ymin, xmax, ymax in 0..1).
 */
export const ssdDecode = defineOperator<SsdDecodeAttributes>({
  arity: 2,
  constants: [1],
  infer([offsets, boxes]) {
    checkRank(offsets.shape, 3, 'offsets');
    checkVector([offsets.shape[2]], 4, 'a box');
    check(
      sameShape(boxes.shape, offsets.shape.slice(1)),
      `default boxes ${text(boxes.shape)} must match offsets ${text(offsets.shape)}`,
    );
    return [offsets];
  },
  // Per box: centre 2 × (two multiplications, one addition), size 2 × (two multiplications, one exponential),
  // corners 2 × (halve, subtract, add).
  flops: (_, __, y) => (sizeOf(y) / 4) * 18,
});
