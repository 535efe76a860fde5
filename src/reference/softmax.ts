import { Tensor } from '../tensor';
import type { Reference } from './reference';
import { aroundAxis } from './strided';

/** `exp(x) / Σ exp(x)` along one axis, or its logarithm; shifted by the maximum so that nothing overflows. */
export const softmax: Reference<'softmax'> = ([x], { axis, log }) => {
  const { outer, length, inner } = aroundAxis(x.shape, axis);
  const y = Tensor.float32(x.shape);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const at = (k: number): number => (o * length + k) * inner + i;
      let greatest = -Infinity;
      for (let k = 0; k < length; k++) greatest = Math.max(greatest, x.data[at(k)]);
      let sum = 0;
      for (let k = 0; k < length; k++) sum += Math.exp(x.data[at(k)] - greatest);
      for (let k = 0; k < length; k++) {
        const shifted = x.data[at(k)] - greatest;
        y.data[at(k)] = log ? shifted - Math.log(sum) : Math.exp(shifted) / sum;
      }
    }
  }
  return y;
};
