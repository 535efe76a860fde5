import { sizeOf } from '../tensor';
import { checkAxis } from './checks';
import { defineOperator } from './operator';

export const softmax = defineOperator<{ readonly axis: number; readonly log: boolean }>({
  arity: 1,
  infer([x], { axis }) {
    checkAxis(axis, x.shape.length);
    return [x];
  },
  // Maximum, subtraction, exponential, sum, division (or logarithm's subtraction).
  flops: (_, __, y) => 5 * sizeOf(y),
});
