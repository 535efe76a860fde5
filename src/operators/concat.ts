import type { Shape } from '../tensor';
import { check, checkAxis, samePixel, text } from './checks';
import { defineOperator } from './operator';

export const concat = defineOperator<{ readonly axis: number }>({
  arity: [1, Infinity],
  anyType: true,
  infer(inputs, { axis }) {
    const [{ shape, dtype }] = inputs;
    checkAxis(axis, shape.length);
    const fits = (other: Shape): boolean =>
      other.length === shape.length && other.every((d, k) => k === axis || d === shape[k]);
    for (const other of inputs) {
      if (other.dtype !== dtype) check(false, `inputs must have one type, got ${dtype} and ${other.dtype}`);
      if (!fits(other.shape)) check(false, `inputs ${text(shape)} ${text(other.shape)} differ outside axis ${axis}`);
    }
    const length = inputs.reduce((sum, i) => sum + i.shape[axis], 0);
    return [{ shape: shape.with(axis, length), dtype }];
  },
  receptiveField: ({ axis }, inputs, y, index) => (axis === 1 ? samePixel(inputs[index], y) : undefined),
});
