import { sizeOf } from '../tensor';
import { defineOperator } from './operator';

/**
 * outputs: indices int32 `[elements of x, rank of x]`, of which the first `count` rows name the elements that are not
 * zero, in row-major order, and all others hold -1; count int32 `[1]`
 */
export const nonZero = defineOperator({
  arity: 1,
  anyType: true,
  infer: ([{ shape }]) => [
    { shape: [sizeOf(shape), shape.length], dtype: 'int32' },
    { shape: [1], dtype: 'int32' },
  ],
});
