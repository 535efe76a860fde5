import type { RawPicture } from '../../src';

/** Brightness in 0..255, by the weights of ITU-R BT.601. */
const brightness = (red: number, green: number, blue: number): number =>
  Math.floor((299 * red + 587 * green + 114 * blue + 500) / 1000);

/** How often each of the 256 brightnesses occurs. */
export function brightnessHistogram({ data }: RawPicture): Uint32Array {
  const histogram = new Uint32Array(256);
  for (let at = 0; at < data.length; at += 4) histogram[brightness(data[at], data[at + 1], data[at + 2])]++;
  return histogram;
}

/** Variance between the pixels up to a brightness and those above; 0 where one side is empty. */
export function varianceBetween(histogram: Uint32Array, threshold: number): number {
  const side = (from: number, end: number) => {
    let count = 0;
    let sum = 0;
    for (let level = from; level < end; level++) {
      count += histogram[level];
      sum += level * histogram[level];
    }
    return { count, mean: sum / count };
  };
  const dark = side(0, threshold + 1);
  const bright = side(threshold + 1, 256);
  const all = dark.count + bright.count;
  if (dark.count === 0 || bright.count === 0) return 0;
  return (dark.count / all) * (bright.count / all) * (dark.mean - bright.mean) ** 2;
}

/**
 * Splits a picture into dark and bright at the brightness with the greatest variance between the two
 * (Otsu 1979, "A threshold selection method from gray-level histograms").
 *
 * @returns the brightness up to which pixels are dark, the lowest on ties, and for each pixel 0 (dark) or 1
 */
export function otsu(picture: RawPicture): { threshold: number; labels: Uint32Array } {
  const histogram = brightnessHistogram(picture);
  let threshold = 0;
  let best = 0;
  for (let level = 0; level < 256; level++) {
    const variance = varianceBetween(histogram, level);
    if (variance > best) {
      best = variance;
      threshold = level;
    }
  }
  const { data, width, height } = picture;
  const labels = Uint32Array.from({ length: width * height }, (_, i) =>
    Number(brightness(data[i * 4], data[i * 4 + 1], data[i * 4 + 2]) > threshold),
  );
  return { threshold, labels };
}
