import type { OperatorAttributes } from '../operators';
import type { Tensor } from '../tensor';
import { broadcastOffsets, pick } from './strided';

/** Repeats axes of length 1, and adds axes in front, up to `shape`: NumPy's broadcasting. */
export function expand(x: Tensor, { shape }: OperatorAttributes['expand']): Tensor {
  return pick(x, broadcastOffsets(x.shape, shape), shape);
}
