import { check, text } from './checks';
import { defineOperator } from './operator';

export const tile = defineOperator<{ readonly repeats: readonly number[] }>({
  arity: 1,
  anyType: true,
  infer([{ shape, dtype }], { repeats }) {
    check(repeats.length === shape.length, `tile needs one entry per axis of ${text(shape)}, got ${text(repeats)}`);
    return [{ shape: shape.map((d, i) => d * repeats[i]), dtype }];
  },
});
