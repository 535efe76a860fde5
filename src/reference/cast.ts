import type { OperatorAttributes } from '../operators';
import { Tensor } from '../tensor';
import type { Reference } from './reference';

/**
 * Converts the type. Conversion to int32 cuts the fraction off and clamps values beyond the range; NaN becomes 0.
 * Conversion to bool makes every value but 0 true, NaN too.
 */
export const cast: Reference<'cast'> = ([x], { to }) => {
  const y = Tensor.zeros(to, x.shape);
  for (let i = 0; i < x.size; i++) y.data[i] = convert(x.data[i], to);
  return y;
};

function convert(value: number, to: OperatorAttributes['cast']['to']): number {
  switch (to) {
    case 'float32':
      return value;
    case 'int32':
      return Math.min(Math.max(Math.trunc(value), -(2 ** 31)), 2 ** 31 - 1);
    case 'bool':
      return value === 0 ? 0 : 1;
  }
}
