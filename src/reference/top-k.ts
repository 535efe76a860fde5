import { Tensor } from '../tensor';
import type { Reference } from './reference';
import { aroundAxis } from './strided';

/**
 * The k greatest or least values along one axis, in order, and their indices; of equals the lower index comes first.
 * NaN counts as greater than every number, as in NumPy and PyTorch. ONNX TopK has the same meaning.
 */
export const topK: Reference<'top-k', Tensor[]> = ([x], { k, axis, largest }, [shape]) => {
  const { outer, length, inner } = aroundAxis(x.shape, axis);
  const values = Tensor.zeros(x.dtype, shape);
  const indices = Tensor.int32(shape);
  const sign = largest ? -1 : 1;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const value = (index: number): number => x.data[(o * length + index) * inner + i];
      const order = Array.from({ length }, (_, index) => index);
      order.sort((a, b) => sign * compare(value(a), value(b)) || a - b);
      for (let rank = 0; rank < k; rank++) {
        const at = (o * k + rank) * inner + i;
        values.data[at] = value(order[rank]);
        indices.data[at] = order[rank];
      }
    }
  }
  return [values, indices];
};

/** Less than, equal to or greater than 0 as `a` is to `b`, with NaN above infinity. */
function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : Number(a > b);
}
