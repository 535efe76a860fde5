import { stridesOf, Tensor } from '../tensor';
import type { Reference } from './reference';

/** The indices of all elements that are not zero, in row-major order, and their number. NaN is not zero, as in NumPy. */
export const nonZero: Reference<'non-zero', Tensor[]> = ([x], _, [shape]) => {
  const strides = stridesOf(x.shape);
  const indices = Tensor.int32(shape);
  indices.data.fill(-1);
  let count = 0;
  for (const [i, value] of x.data.entries()) {
    if (value === 0) continue;
    const index = strides.map((stride, axis) => Math.floor(i / stride) % x.shape[axis]);
    indices.data.set(index, count++ * shape[1]);
  }
  return [indices, Tensor.int32([1], [count])];
};
