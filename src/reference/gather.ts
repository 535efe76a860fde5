import { Tensor } from '../tensor';
import type { Reference } from './reference';
import { aroundAxis } from './strided';

/**
 * The slices of `x` along one axis that `indices` names; a negative index counts from the end. An index
 * outside the axis gives 0, as TensorFlow does on GPUs: a shader can throw no error, and all runners agree.
 */
export const gather: Reference<'gather'> = ([x, indices], { axis }, [shape]) => {
  const { outer, length, inner } = aroundAxis(x.shape, axis);
  const y = Tensor.zeros(x.dtype, shape);
  let at = 0;
  for (let o = 0; o < outer; o++) {
    for (const index of indices.data) {
      const k = index < 0 ? index + length : index;
      if (k >= 0 && k < length) {
        y.data.set(x.data.subarray((o * length + k) * inner, (o * length + k + 1) * inner), at);
      }
      at += inner;
    }
  }
  return y;
};
