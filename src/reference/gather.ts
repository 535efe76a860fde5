import { ArgumentError } from '../errors';
import type { OperatorAttributes } from '../operators';
import { type Shape, Tensor } from '../tensor';
import { aroundAxis } from './strided';

/**
 * The slices of `x` along one axis that `indices` names; a negative index counts from the end.
 *
 * @param indices int32, of any shape, which takes the place of the axis
 * @param shape of the output
 * @throws ArgumentError when an index lies outside the axis
 */
export function gather(x: Tensor, indices: Tensor, { axis }: OperatorAttributes['gather'], shape: Shape): Tensor {
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
}
