/** Exercise 1. */
export const scaleFor = (largest: number): number => 2 ** -Math.max(0, Math.ceil(Math.log2(largest / 65504)));

/** Exercise 2. */
export const repetitions = (timeUs: number, stepUs: number, share: number): number =>
  Math.max(1, Math.ceil(stepUs / (share * timeUs)));
