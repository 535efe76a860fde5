import { ArgumentError } from '../errors';
import type { OperatorAttributes } from '../operators';
import { type Shape, stridesOf, type Tensor } from '../tensor';
import { pick, walk } from './strided';

/**
 * Puts a margin around a tensor: a constant, the mirror image without the edge (reflect), the edge repeated, or the
 * opposite side (wrap). A negative margin crops.
 *
 * @param shape of the output
 */
export function pad(x: Tensor, { mode, before, value }: OperatorAttributes['pad'], shape: Shape): Tensor {
  const strides = stridesOf(x.shape);
  const offsets = walk(
    shape.map((size, axis) =>
      Array.from({ length: size }, (_, i) => sourceIndex(mode, i - before[axis], x.shape[axis]) * strides[axis]),
    ),
  );
  return pick(x, offsets, shape, value);
}

/** The index in `0 … size-1` that supplies index `i`, or -Infinity where the constant does. */
function sourceIndex(mode: OperatorAttributes['pad']['mode'], i: number, size: number): number {
  if (i >= 0 && i < size) return i;
  switch (mode) {
    case 'constant':
      return -Infinity;
    case 'reflect':
      return i < 0 ? -i : 2 * (size - 1) - i;
    case 'edge':
      return i < 0 ? 0 : size - 1;
    case 'wrap':
      return ((i % size) + size) % size;
    default:
      throw new ArgumentError(`unknown padding mode ${mode satisfies never}`);
  }
}
