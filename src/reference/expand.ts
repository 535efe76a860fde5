import type { Reference } from './reference';
import { broadcastOffsets, pick } from './strided';

/** Repeats axes of length 1, and adds axes in front, up to `shape`: NumPy's broadcasting. */
export const expand: Reference<'expand'> = ([x], { shape }) => {
  return pick(x, broadcastOffsets(x.shape, shape), shape);
};
