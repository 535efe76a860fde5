import { Tensor } from '../tensor';
import type { Reference } from './reference';
import { broadcastOffsets } from './strided';

/** `condition ? a : b`, element by element with NumPy's broadcasting; every value but 0 is true. */
export const where: Reference<'where'> = ([condition, a, b], _, [shape]) => {
  const [ifOffsets, aOffsets, bOffsets] = [condition, a, b].map((tensor) => broadcastOffsets(tensor.shape, shape));
  const y = Tensor.zeros(a.dtype, shape);
  for (let i = 0; i < y.size; i++) {
    y.data[i] = condition.data[ifOffsets[i]] !== 0 ? a.data[aOffsets[i]] : b.data[bOffsets[i]];
  }
  return y;
};
