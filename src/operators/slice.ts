import { check, text } from './checks';
import { defineOperator } from './operator';

/** One entry per axis. */
interface SliceAttributes {
  /** The first index. */
  readonly starts: readonly number[];
  /** May be negative. */
  readonly steps: readonly number[];
  /** How many elements. */
  readonly sizes: readonly number[];
}

export const slice = defineOperator<SliceAttributes>({
  arity: 1,
  anyType: true,
  infer([{ shape, dtype }], { starts, steps, sizes }) {
    for (const list of [starts, steps, sizes]) {
      check(list.length === shape.length, `slice needs one entry per axis of ${text(shape)}, got ${text(list)}`);
    }
    for (const [axis, size] of sizes.entries()) {
      const last = starts[axis] + (size - 1) * steps[axis];
      const inside = (i: number): boolean => Number.isInteger(i) && i >= 0 && i < shape[axis];
      check(steps[axis] !== 0, 'slice step must not be 0');
      check(size === 0 || (inside(starts[axis]) && inside(last)), `slice leaves axis ${axis} of ${text(shape)}`);
    }
    return [{ shape: sizes, dtype }];
  },
});
