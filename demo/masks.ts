import type { SegmentationMask } from '../src';

/** The class of every pixel, as the page draws it. */
export type ClassMap = Pick<SegmentationMask, 'width' | 'height' | 'labels' | 'classes'>;

/** A mask of the size of a smaller copy of its picture: what is drawn at every move of a slider. */
export function shrinkMask(mask: ClassMap, { width, height }: { width: number; height: number }): ClassMap {
  if (width === mask.width && height === mask.height) return mask;
  const classes = new Uint8Array(width * height);
  const columns = Uint32Array.from({ length: width }, (_, x) => ((x + 0.5) * mask.width) / width);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * mask.height) / height) * mask.width;
    for (let x = 0; x < width; x++) classes[y * width + x] = mask.classes[row + columns[x]];
  }
  return { width, height, labels: mask.labels, classes };
}

const counted = new WeakMap<SegmentationMask, Readonly<Record<string, number>>>();

/** The pixels of each class but background, by label. Each mask is counted once: every move of a slider asks for them. */
export function pixelsOfClasses(mask: SegmentationMask): Readonly<Record<string, number>> {
  const known = counted.get(mask);
  if (known) return known;
  const counts = Object.fromEntries(mask.areas().map(({ label, pixels }) => [label, pixels]));
  counted.set(mask, counts);
  return counts;
}
