import { check, checkAxis, text } from './checks';
import { defineOperator } from './operator';

export const split = defineOperator<{ readonly axis: number; readonly sizes: readonly number[] }>({
  arity: 1,
  anyType: true,
  infer([{ shape, dtype }], { axis, sizes }) {
    checkAxis(axis, shape.length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    check(total === shape[axis], `sizes ${text(sizes)} must add up to ${shape[axis]}`);
    return sizes.map((size) => ({ shape: shape.with(axis, size), dtype }));
  },
});
