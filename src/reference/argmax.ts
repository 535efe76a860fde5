import { Tensor } from '../tensor';
import type { Reference } from './reference';
import { aroundAxis } from './strided';

/**
 * The index of the greatest or least value along one axis. Among equals the first wins, or with `selectLast` the last.
 * NaN wins over every number, as in NumPy and PyTorch.
 */
export const argmax: Reference<'argmax'> = ([x], { fn, axis, selectLast }, [shape]) => {
  const { outer, length, inner } = aroundAxis(x.shape, axis);
  const sign = fn === 'argmax' ? 1 : -1;
  const y = Tensor.int32(shape);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const value = (k: number): number => sign * x.data[(o * length + k) * inner + i];
      let best = 0;
      for (let k = 1; k < length; k++) {
        const wins = value(k) > value(best) || (Number.isNaN(value(k)) && !Number.isNaN(value(best)));
        const ties = value(k) === value(best) || (Number.isNaN(value(k)) && Number.isNaN(value(best)));
        if (wins || (selectLast && ties)) best = k;
      }
      y.data[o * inner + i] = best;
    }
  }
  return y;
};
