import type { Color, Detection } from '../src';

/** Strong colours that are far from each other, to choose from. */
const CANDIDATES: readonly Color[] = [
  [255, 59, 92],
  [0, 208, 255],
  [255, 214, 10],
  [191, 90, 255],
  [50, 230, 110],
  [255, 140, 0],
  [255, 105, 220],
  [60, 110, 255],
  [170, 255, 40],
  [0, 200, 170],
];

/** How much two colours differ to the eye, roughly (Riemersma, "Colour metric"). */
function difference(a: Color, b: Color): number {
  const red = (a[0] + b[0]) / 2;
  const [dr, dg, db] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
  return Math.sqrt((2 + red / 256) * dr * dr + 4 * dg * dg + (2 + (255 - red) / 256) * db * db);
}

/** Differences beyond this are plain to see, and more is no better. */
const PLAIN = 320;

/**
 * A colour for each region of a picture that stands out from what lies under it, and from the colours before it.
 *
 * @param under mean colours of the picture under the regions
 */
export function standOut(under: readonly Color[]): Color[] {
  const used: Color[] = [];
  for (const mean of under) {
    const score = (color: Color): number =>
      Math.min(PLAIN, difference(color, mean), ...used.map((other) => difference(color, other)));
    used.push(CANDIDATES.reduce((best, color) => (score(color) > score(best) ? color : best)));
  }
  return used;
}

/** The mean colour of the picture under each class of a mask of its size, by class index; undefined where it has no pixels. */
export function meansOfClasses(classes: Uint8Array, { data }: ImageData): (Color | undefined)[] {
  const sums = new Float64Array(256 * 4);
  for (let i = 0; i < classes.length; i++) {
    const at = classes[i] * 4;
    sums[at] += data[i * 4];
    sums[at + 1] += data[i * 4 + 1];
    sums[at + 2] += data[i * 4 + 2];
    sums[at + 3]++;
  }
  return Array.from({ length: 256 }, (_, index) => {
    const [red, green, blue, count] = sums.subarray(index * 4, index * 4 + 4);
    return count > 0 ? [red / count, green / count, blue / count] : undefined;
  });
}

/** About this many pixels of a box are looked at. */
const SAMPLES = 16;

/** The mean colour of a picture along the box of a thing, whose coordinates are scaled by a factor first. */
export function meanUnder({ box }: Pick<Detection, 'box'>, scale: number, { data, width, height }: ImageData): Color {
  const sum = [0, 0, 0];
  const inside = (at: number, size: number): number => Math.min(Math.max(Math.floor(at * scale), 0), size - 1);
  for (let i = 0; i < SAMPLES; i++) {
    const share = (i + 0.5) / SAMPLES;
    const x = box.xmin + (box.xmax - box.xmin) * share;
    const y = box.ymin + (box.ymax - box.ymin) * share;
    for (const [px, py] of [
      [x, box.ymin],
      [x, box.ymax],
      [box.xmin, y],
      [box.xmax, y],
    ]) {
      const at = (inside(py, height) * width + inside(px, width)) * 4;
      for (let c = 0; c < 3; c++) sum[c] += data[at + c];
    }
  }
  return [sum[0] / (4 * SAMPLES), sum[1] / (4 * SAMPLES), sum[2] / (4 * SAMPLES)];
}
