import { sizeOf } from '../tensor';
import { check, checkAxis, text } from './checks';
import { defineOperator } from './operator';

interface TopKAttributes {
  readonly k: number;
  readonly axis: number;
  /** The greatest values, the greatest first; otherwise the least, the least first. */
  readonly largest: boolean;
}

/** outputs, both with k along the axis: values, indices (int32). Of equal values the lower index comes first. */
export const topK = defineOperator<TopKAttributes>({
  arity: 1,
  anyType: true,
  infer([{ shape, dtype }], { k, axis }) {
    checkAxis(axis, shape.length);
    const fits = Number.isInteger(k) && k >= 0 && k <= shape[axis];
    check(fits, `k must be 0 to ${shape[axis]}, the length of axis ${axis} of ${text(shape)}, got ${k}`);
    const selected = shape.with(axis, k);
    return [
      { shape: selected, dtype },
      { shape: selected, dtype: 'int32' },
    ];
  },
  // A sort compares each value with about log₂ of the others.
  flops: ({ axis }, [x]) => sizeOf(x) * Math.ceil(Math.log2(Math.max(x[axis], 1))),
});
