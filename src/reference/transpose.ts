import { stridesOf } from '../tensor';
import type { Reference } from './reference';
import { pick, stridedOffsets } from './strided';

/** Reorders the axes: axis `i` of the output is axis `permutation[i]` of the input. */
export const transpose: Reference<'transpose'> = ([x], { permutation }, [shape]) => {
  const strides = stridesOf(x.shape);
  return pick(
    x,
    stridedOffsets(
      shape,
      permutation.map((axis) => strides[axis]),
    ),
    shape,
  );
};
