import { ArgumentError } from '../errors';
import { Tensor } from '../tensor';
import type { Reference } from './reference';
import { aroundAxis } from './strided';

/**
 * The slices of `x` along one axis that `indices` names; a negative index counts from the end.
 *
 * @throws ArgumentError when an index lies outside the axis
 */
export const gather: Reference<'gather'> = ([x, indices], { axis }, [shape]) => {
  const { outer, length, inner } = aroundAxis(x.shape, axis);
  const y = Tensor.zeros(x.dtype, shape);
  let at = 0;
  for (let o = 0; o < outer; o++) {
    for (const index of indices.data) {
      const k = index < 0 ? index + length : index;
      if (k < 0 || k >= length) throw new ArgumentError(`index ${index} lies outside axis ${axis} of length ${length}`);
      for (let i = 0; i < inner; i++) y.data[at++] = x.data[(o * length + k) * inner + i];
    }
  }
  return y;
};
