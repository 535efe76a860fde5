import type { OperatorAttributes } from '../operators';
import { type Shape, stridesOf, type Tensor } from '../tensor';
import { pick, stridedOffsets } from './strided';

/**
 * Reorders the axes: axis `i` of the output is axis `permutation[i]` of the input.
 *
 * @param shape of the output
 */
export function transpose(x: Tensor, { permutation }: OperatorAttributes['transpose'], shape: Shape): Tensor {
  const strides = stridesOf(x.shape);
  return pick(
    x,
    stridedOffsets(
      shape,
      permutation.map((axis) => strides[axis]),
    ),
    shape,
  );
}
