type Box = readonly [left: number, top: number, right: number, bottom: number];

const areaOf = ([left, top, right, bottom]: Box): number => Math.max(right - left, 0) * Math.max(bottom - top, 0);

/** Exercise 1. */
export const overlapOf = (a: Box, b: Box): number => {
  const both = areaOf([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);
  return both === 0 ? 0 : both / (areaOf(a) + areaOf(b) - both);
};

/** Exercise 2. */
export const suppress = (boxes: readonly Box[], scores: readonly number[], threshold: number): number[] => {
  const kept: number[] = [];
  const best = [...boxes.keys()].sort((a, b) => scores[b] - scores[a]);
  for (const box of best) {
    if (kept.every((better) => overlapOf(boxes[better], boxes[box]) <= threshold)) kept.push(box);
  }
  return kept;
};
