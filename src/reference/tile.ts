import { type Shape, stridesOf, type Tensor } from '../tensor';
import { pick, walk } from './strided';

/**
 * Lays copies of a tensor side by side.
 *
 * @param shape of the output: each axis times its repeats
 */
export function tile(x: Tensor, shape: Shape): Tensor {
  const strides = stridesOf(x.shape);
  const offsets = walk(
    shape.map((size, axis) => Array.from({ length: size }, (_, i) => (i % x.shape[axis]) * strides[axis])),
  );
  return pick(x, offsets, shape);
}
