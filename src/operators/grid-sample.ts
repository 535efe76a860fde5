import { sizeOf } from '../tensor';
import { check, checkRank, float, text } from './checks';
import { defineOperator, type Words } from './operator';

const words = {
  mode: ['nearest', 'linear', 'cubic'],
  /** What is read outside the picture: zeros, the nearest pixel of the border, or the picture's reflection. */
  padding: ['zeros', 'border', 'reflection'],
} as const;

interface GridSampleAttributes extends Words<typeof words> {
  /** -1 and 1 are the centres of the corner pixels rather than their outer edges. */
  readonly alignCorners: boolean;
}

/** inputs: x `[N, C, H, W]`, grid `[N, OH, OW, 2]` (horizontal, then vertical coordinate); output `[N, C, OH, OW]` */
export const gridSample = defineOperator<GridSampleAttributes>({
  arity: 2,
  words,
  infer([{ shape: x }, { shape: grid }]) {
    checkRank(x, 4, 'input');
    checkRank(grid, 4, 'grid');
    check(x[0] === grid[0] && grid[3] === 2, `grid must be [${x[0]}, height, width, 2], got ${text(grid)}`);
    check(x[2] > 0 && x[3] > 0, `a picture of shape ${text(x)} has no pixels to sample`);
    return [float([x[0], x[1], grid[1], grid[2]])];
  },
  // Taps times a multiply-add each: 2 × 2 of linear, 4 × 4 of cubic.
  flops: ({ mode }, _, y) => sizeOf(y) * { nearest: 0, linear: 2 * 4, cubic: 2 * 16 }[mode],
});
