import type { Picture } from '../../src';

/** The grey that covers: the middle of what a network expects, so that the patch itself looks like nothing. */
export const GREY = 'rgb(128 128 128)';

/** What one place of the patch did. */
export interface Covered {
  readonly row: number;
  readonly column: number;
  readonly score: number;
}

/** Places of a grid, far ones first, so that an unfinished map already shows the whole picture. */
export function placesOf(side: number): [row: number, column: number][] {
  const reversed = (i: number): number => {
    let [bits, result] = [i, 0];
    for (let size = 1; size < side; size *= 2, bits >>= 1) result = result * 2 + (bits & 1);
    return result;
  };
  const places = Array.from({ length: side * side }, (_, i): [number, number] => [Math.floor(i / side), i % side]);
  return places.sort((a, b) => reversed(a[0]) + reversed(a[1]) - reversed(b[0]) - reversed(b[1]));
}

/**
 * Covers one place of a picture after the other with a grey patch, and asks for the score each time (Zeiler and Fergus
 * 2014, "Visualizing and understanding convolutional networks", section 4.2).
 *
 * @param side places in a row and in a column; a patch is two of them wide and high
 * @param scoreOf runs the network on a picture
 */
export async function* occlude(
  picture: ImageData,
  side: number,
  scoreOf: (picture: Picture) => Promise<number>,
): AsyncGenerator<Covered> {
  const { width, height } = picture;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.fillStyle = GREY;
  const [cellWidth, cellHeight] = [width / side, height / side];
  for (const [row, column] of placesOf(side)) {
    context.putImageData(picture, 0, 0);
    context.fillRect((column - 0.5) * cellWidth, (row - 0.5) * cellHeight, 2 * cellWidth, 2 * cellHeight);
    yield { row, column, score: await scoreOf(canvas) };
  }
}
