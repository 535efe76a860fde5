import { check, checkAxis } from './checks';
import { defineOperator } from './operator';

/** inputs: x, indices (int32, negative counts from the end) */
export const gather = defineOperator<{ readonly axis: number }>({
  arity: 2,
  anyType: true,
  infer([{ shape, dtype }, indices], { axis }) {
    checkAxis(axis, shape.length);
    check(indices.dtype === 'int32', `indices must be int32, got ${indices.dtype}`);
    return [{ shape: shape.toSpliced(axis, 1, ...indices.shape), dtype }];
  },
});
