import { type Shape, Tensor } from '../tensor';
import { broadcastOffsets } from './strided';

/**
 * `condition ? a : b`, element by element with NumPy's broadcasting; every value but 0 is true.
 *
 * @param shape of the output: all three shapes broadcast
 */
export function where(condition: Tensor, a: Tensor, b: Tensor, shape: Shape): Tensor {
  const [ifOffsets, aOffsets, bOffsets] = [condition, a, b].map((tensor) => broadcastOffsets(tensor.shape, shape));
  const y = Tensor.zeros(a.dtype, shape);
  for (let i = 0; i < y.size; i++) {
    y.data[i] = condition.data[ifOffsets[i]] !== 0 ? a.data[aOffsets[i]] : b.data[bOffsets[i]];
  }
  return y;
}
