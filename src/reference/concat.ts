import { Tensor } from '../tensor';
import type { Reference } from './reference';
import { aroundAxis } from './strided';

/** Joins tensors along one axis. */
export const concat: Reference<'concat'> = (inputs, { axis }, [shape]) => {
  const y = Tensor.zeros(inputs[0].dtype, shape);
  const { outer, length, inner } = aroundAxis(shape, axis);
  let start = 0;
  for (const x of inputs) {
    const run = x.shape[axis] * inner;
    for (let o = 0; o < outer; o++) {
      y.data.set(x.data.subarray(o * run, (o + 1) * run), (o * length + start) * inner);
    }
    start += x.shape[axis];
  }
  return y;
};
