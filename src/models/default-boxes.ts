import { Tensor } from '../tensor';

/** The settings that give a detector's default boxes. */
export interface DefaultBoxSettings {
  /** Cells per side of each feature map, finest first. */
  readonly featureMaps: readonly number[];
  /** Side of the square box of each map, as a share of the picture, and one more beyond the last. */
  readonly scales: readonly number[];
  /** For each map, its ratios: every ratio r gives a box r times as wide as high, and one r times as high as wide. */
  readonly aspectRatios: readonly (readonly number[])[];
  /** Factors of the network's offsets: for the centre, for the size. */
  readonly variances: readonly [center: number, size: number];
}

/** How many default boxes a cell of map `k` has: two squares and two boxes for each aspect ratio. */
export const boxesPerCell = ({ aspectRatios }: DefaultBoxSettings, k: number): number => 2 + 2 * aspectRatios[k].length;

/**
 * The boxes that a single-shot detector starts from (Liu et al. 2016, "SSD", section 2.2): around the centre of each
 * cell a square of scale s_k, one of √(s_k · s_k+1), and the boxes of the aspect ratios, all of area s_k².
 *
 * @returns `[B, 4]` (cx, cy, w, h in 0..1), ordered by map, row, column, box
 */
export function defaultBoxes(settings: DefaultBoxSettings): Tensor {
  const boxes: number[] = [];
  for (const [k, cells] of settings.featureMaps.entries()) {
    const shapes = shapesOf(settings, k);
    for (let row = 0; row < cells; row++)
      for (let column = 0; column < cells; column++)
        for (const [w, h] of shapes) boxes.push((column + 0.5) / cells, (row + 0.5) / cells, w, h);
  }
  return Tensor.float32([boxes.length / 4, 4], boxes);
}

/** Width and height of the boxes of one cell. */
function shapesOf({ scales, aspectRatios }: DefaultBoxSettings, k: number): [number, number][] {
  const s = scales[k];
  const between = Math.sqrt(s * scales[k + 1]);
  const stretched = aspectRatios[k].flatMap((r): [number, number][] => {
    const long = s * Math.sqrt(r);
    const short = s / Math.sqrt(r);
    return [
      [long, short],
      [short, long],
    ];
  });
  return [[s, s], [between, between], ...stretched];
}
