import type { OperatorAttributes } from '../operators';
import { stridesOf } from '../tensor';
import type { Reference } from './reference';
import { pick, walk } from './strided';

/**
 * Puts a margin around a tensor: a constant, the mirror image without the edge (reflect), the edge repeated, or the
 * opposite side (wrap). A negative margin crops.
 */
export const pad: Reference<'pad'> = ([x], { mode, before, value }, [shape]) => {
  const strides = stridesOf(x.shape);
  const offsets = walk(
    shape.map((size, axis) =>
      Array.from({ length: size }, (_, i) => sourceIndex(mode, i - before[axis], x.shape[axis]) * strides[axis]),
    ),
  );
  return pick(x, offsets, shape, value);
};

/** The index in `0 … size-1` that index `i` reads, or -Infinity where it reads the constant. */
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
  }
}
