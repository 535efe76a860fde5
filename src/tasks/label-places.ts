import type { Box } from './object-detector';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A label's upper left corner. */
export interface LabelPlace {
  readonly x: number;
  readonly y: number;
}

/**
 * Where the labels of boxes go so that none hides another: on top of its box or under it, and where others lie there,
 * inside. The first labels choose first; one that is left no free place takes that where it hides least.
 *
 * @param sizes of the labels, one for each box
 * @param picture what labels stay within
 */
export function placeLabels(boxes: readonly Box[], sizes: readonly Size[], picture: Size): LabelPlace[] {
  const taken: Box[] = [];
  return boxes.map((box, i) => {
    const size = sizes[i];
    let best: Box | undefined;
    let least = Infinity;
    for (const place of candidates(box, size, picture)) {
      const hidden = taken.reduce((sum, other) => sum + overlap(place, other), 0);
      if (hidden < least) [best, least] = [place, hidden];
      if (hidden === 0) break;
    }
    taken.push(best!);
    return { x: best!.xmin, y: best!.ymin };
  });
}

function candidates(box: Box, { width, height }: Size, picture: Size): Box[] {
  const within = (at: number, most: number): number => Math.max(0, Math.min(at, most));
  const places = (tops: readonly number[], lefts: readonly number[]): Box[] =>
    tops.flatMap((top) =>
      lefts.map((left) => {
        const xmin = within(left, picture.width - width);
        const ymin = within(top, picture.height - height);
        return { xmin, ymin, xmax: xmin + width, ymax: ymin + height };
      }),
    );
  const steps = (from: number, to: number, step: number): number[] =>
    Array.from({ length: Math.max(1, Math.floor((to - from) / step)) }, (_, i) => from + i * step);
  const outside = places([box.ymin - height, box.ymax], [box.xmin, box.xmax - width]);
  return [...outside, ...places(steps(box.ymin, box.ymax, height), steps(box.xmin, box.xmax, width))];
}

/** The area that two boxes share. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.xmax, b.xmax) - Math.max(a.xmin, b.xmin);
  const height = Math.min(a.ymax, b.ymax) - Math.max(a.ymin, b.ymin);
  return Math.max(0, width) * Math.max(0, height);
}
