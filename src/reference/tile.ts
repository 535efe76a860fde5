import { stridesOf } from '../tensor';
import type { Reference } from './reference';
import { pick, walk } from './strided';

/** Lays copies of a tensor side by side. */
export const tile: Reference<'tile'> = ([x], _, [shape]) => {
  const strides = stridesOf(x.shape);
  const offsets = walk(
    shape.map((size, axis) => Array.from({ length: size }, (_, i) => (i % x.shape[axis]) * strides[axis])),
  );
  return pick(x, offsets, shape);
};
