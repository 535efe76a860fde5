import { sameShape, sizeOf } from '../tensor';
import { check, checkRank, text } from './checks';
import { defineOperator, type Words } from './operator';

const words = {
  /** What becomes of a row that is named: the last update replaces it, or all are combined with it. */
  reduction: ['none', 'add', 'mul', 'max', 'min'],
} as const;

/** inputs: x, indices (int32 `[K]`, rows of x; those outside are ignored), updates `[K, ...]` of x's type */
export const scatter = defineOperator<Words<typeof words>>({
  arity: 3,
  anyType: true,
  words,
  infer([x, indices, updates]) {
    checkRank(indices.shape, 1, 'indices');
    check(indices.dtype === 'int32', `indices must be int32, got ${indices.dtype}`);
    check(updates.dtype === x.dtype, `updates must be ${x.dtype}, got ${updates.dtype}`);
    const expected = [...indices.shape, ...x.shape.slice(1)];
    check(
      x.shape.length > 0 && sameShape(updates.shape, expected),
      `updates must be ${text(expected)}, got ${text(updates.shape)}`,
    );
    return [x];
  },
  flops: (_, [, , updates]) => sizeOf(updates),
});
