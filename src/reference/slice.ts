import type { OperatorAttributes } from '../operators';
import { stridesOf, type Tensor } from '../tensor';
import { pick, walk } from './strided';

/** Every `steps`-th element from `starts` on, per axis; a negative step walks backwards. */
export function slice(x: Tensor, { starts, steps, sizes }: OperatorAttributes['slice']): Tensor {
  const strides = stridesOf(x.shape);
  const offsets = walk(
    sizes.map((size, axis) => Array.from({ length: size }, (_, i) => (starts[axis] + i * steps[axis]) * strides[axis])),
  );
  return pick(x, offsets, sizes);
}
