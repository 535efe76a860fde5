import type { RawPicture } from '../../src';

export type Centre = readonly [red: number, green: number, blue: number];

/** About this many pixels are sampled for the first centres. */
const SAMPLE = 4096;

/**
 * The first centres of the clusters: sorts the picture's colours by brightness, cuts them into equal shares, and takes
 * the colour in the middle of each share. The same picture always gives the same centres.
 */
export function firstCentres({ data, width, height }: RawPicture, clusters: number): Centre[] {
  const step = Math.max(1, Math.floor((width * height) / SAMPLE));
  const colours: Centre[] = [];
  for (let i = 0; i < width * height; i += step) colours.push([data[i * 4], data[i * 4 + 1], data[i * 4 + 2]]);
  const bright = ([red, green, blue]: Centre): number => 299 * red + 587 * green + 114 * blue;
  colours.sort((a, b) => bright(a) - bright(b));
  return Array.from({ length: clusters }, (_, k) => colours[Math.floor(((k + 0.5) / clusters) * colours.length)]);
}

/**
 * Clusters the pixels by colour (Lloyd 1982, "Least squares quantization in PCM"). Centres are whole colours, so that
 * every step is exact.
 *
 * @param rounds in each, every pixel joins the nearest centre, the lowest on ties, and centres move to their means
 * @returns the centres, and for each pixel the index of its centre
 */
export function kMeans(
  picture: RawPicture,
  clusters: number,
  rounds: number,
): { centres: Centre[]; labels: Uint32Array } {
  const { data, width, height } = picture;
  const labels = new Uint32Array(width * height);
  let centres = firstCentres(picture, clusters);
  const assign = (): void => {
    for (let i = 0; i < labels.length; i++) {
      const distances = centres.map((centre) => centre.reduce((sum, c, k) => sum + (data[i * 4 + k] - c) ** 2, 0));
      labels[i] = distances.indexOf(Math.min(...distances));
    }
  };
  for (let round = 0; round < rounds; round++) {
    assign();
    const sums = centres.map(() => [0, 0, 0, 0]);
    for (const [i, label] of labels.entries()) {
      for (let k = 0; k < 3; k++) sums[label][k] += data[i * 4 + k];
      sums[label][3]++;
    }
    const mean = (sum: number, count: number): number => Math.floor((sum + Math.floor(count / 2)) / count);
    centres = centres.map((centre, k) => {
      const [red, green, blue, count] = sums[k];
      return count === 0 ? centre : [mean(red, count), mean(green, count), mean(blue, count)];
    });
  }
  assign();
  return { centres, labels };
}
