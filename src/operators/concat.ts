import { sameShape } from '../tensor';
import { check, checkAxis, samePixel, text } from './checks';
import { defineOperator } from './operator';

export const concat = defineOperator<{ readonly axis: number }>({
  arity: [1, Infinity],
  anyType: true,
  infer(inputs, { axis }) {
    const [{ shape, dtype }] = inputs;
    checkAxis(axis, shape.length);
    for (const other of inputs) {
      check(other.dtype === dtype, `inputs must have one type, got ${dtype} and ${other.dtype}`);
      check(
        other.shape.length === shape.length && sameShape(other.shape.with(axis, 0), shape.with(axis, 0)),
        `inputs ${inputs.map((i) => text(i.shape)).join(' ')} differ outside axis ${axis}`,
      );
    }
    const length = inputs.reduce((sum, i) => sum + i.shape[axis], 0);
    return [{ shape: shape.with(axis, length), dtype }];
  },
  receptiveField: ({ axis }, inputs, y, index) => (axis === 1 ? samePixel(inputs[index], y) : undefined),
});
