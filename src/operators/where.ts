import { broadcastShapes, sizeOf } from '../tensor';
import { check, samePixel } from './checks';
import { defineOperator } from './operator';

/** inputs: condition, a, b, broadcast */
export const where = defineOperator<Record<never, never>>({
  arity: 3,
  anyType: true,
  infer([condition, a, b]) {
    check(condition.dtype !== 'float32', 'the condition must be bool or int32, got float32');
    check(a.dtype === b.dtype, `both branches must have one type, got ${a.dtype} and ${b.dtype}`);
    return [{ shape: broadcastShapes(condition.shape, broadcastShapes(a.shape, b.shape)), dtype: a.dtype }];
  },
  flops: (_, __, y) => sizeOf(y),
  receptiveField: (_, inputs, y, index) => samePixel(inputs[index], y),
});
