import type { Pair } from '../operators/window';

/** Strides of the grids that one-stage detectors have: three; two in tiny ones, four in those for small or large things. */
const STRIDES: readonly (readonly number[])[] = [
  [8, 16, 32],
  [16, 32],
  [8, 16, 32, 64],
  [4, 8, 16, 32],
];

/** Grids laid over the input, and how many boxes each cell has. */
export interface Grids {
  readonly strides: readonly number[];
  readonly perCell: number;
}

const cellsOf = ([height, width]: Pair, stride: number): number =>
  Math.ceil(height / stride) * Math.ceil(width / stride);

/** The grids that have so many boxes: one, two or three in a cell. */
export function gridsOf(count: number, size: Pair): Grids | undefined {
  for (const perCell of [1, 3, 2]) {
    const strides = STRIDES.find((s) => perCell * s.reduce((sum, stride) => sum + cellsOf(size, stride), 0) === count);
    if (strides) return { strides, perCell };
  }
  return undefined;
}

/** The finest single grid of which `count` is a multiple, by strides that are powers of two. */
export function gridOf(count: number, size: Pair): { stride: number; perCell: number } | undefined {
  for (let stride = 4; stride <= 128; stride *= 2) {
    const cells = cellsOf(size, stride);
    if (count % cells === 0) return { stride, perCell: count / cells };
  }
  return undefined;
}

/**
 * The cells of grids in the usual order: finest grid first, row by row, `perCell` boxes each.
 *
 * @param shift where in its cell a box's origin is: 0 the corner, 0.5 the middle
 * @returns `[B, 2]` x and y of each origin in pixels of the input, and `[B]` the strides
 */
export function cells(grids: Grids, size: Pair, shift: number): { origins: number[]; strides: number[] } {
  const [height, width] = size;
  const found: { origins: number[]; strides: number[] } = { origins: [], strides: [] };
  for (const stride of grids.strides) {
    for (let row = 0; row < Math.ceil(height / stride); row++)
      for (let column = 0; column < Math.ceil(width / stride); column++)
        for (let k = 0; k < grids.perCell; k++) {
          found.origins.push((column + shift) * stride, (row + shift) * stride);
          found.strides.push(stride);
        }
  }
  return found;
}
