import { check, text } from './checks';
import { defineOperator } from './operator';

/** Axis `i` of the output is axis `permutation[i]` of the input. */
export const transpose = defineOperator<{ readonly permutation: readonly number[] }>({
  arity: 1,
  anyType: true,
  infer([{ shape, dtype }], { permutation }) {
    const sorted = [...permutation].sort((a, b) => a - b);
    check(
      sorted.length === shape.length && sorted.every((axis, i) => axis === i),
      `${text(permutation)} is not a permutation of the axes of ${text(shape)}`,
    );
    return [{ shape: permutation.map((axis) => shape[axis]), dtype }];
  },
});
