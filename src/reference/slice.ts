import { stridesOf } from '../tensor';
import type { Reference } from './reference';
import { pick, walk } from './strided';

/** Every `steps`-th element from `starts` on, per axis; a negative step walks backwards. */
export const slice: Reference<'slice'> = ([x], { starts, steps, sizes }) => {
  const strides = stridesOf(x.shape);
  const offsets = walk(
    sizes.map((size, axis) => Array.from({ length: size }, (_, i) => (starts[axis] + i * steps[axis]) * strides[axis])),
  );
  return pick(x, offsets, sizes);
};
