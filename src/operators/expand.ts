import { broadcastShapes, sameShape } from '../tensor';
import { check, text } from './checks';
import { defineOperator } from './operator';

/** NumPy's broadcast to `shape`. */
export const expand = defineOperator<{ readonly shape: readonly number[] }>({
  arity: 1,
  anyType: true,
  infer([x], { shape }) {
    check(sameShape(broadcastShapes(x.shape, shape), shape), `cannot expand ${text(x.shape)} to ${text(shape)}`);
    return [{ shape, dtype: x.dtype }];
  },
});
