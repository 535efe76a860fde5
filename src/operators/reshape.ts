import { sizeOf } from '../tensor';
import { check, text } from './checks';
import { defineOperator } from './operator';

export const reshape = defineOperator<{ readonly shape: readonly number[] }>({
  arity: 1,
  anyType: true,
  infer([x], { shape }) {
    check(sizeOf(shape) === sizeOf(x.shape), `cannot reshape ${text(x.shape)} to ${text(shape)}`);
    return [{ shape, dtype: x.dtype }];
  },
});
