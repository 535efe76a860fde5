import { sizeOf } from '../tensor';
import { check, checkAxis, text } from './checks';
import { defineOperator, type Words } from './operator';

export const REDUCE_FUNCTIONS = ['mean', 'sum', 'max', 'min', 'prod', 'sum-square', 'l1', 'l2', 'log-sum-exp'] as const;
export type ReduceFunction = (typeof REDUCE_FUNCTIONS)[number];

const words = { fn: REDUCE_FUNCTIONS };

interface ReduceAttributes extends Words<typeof words> {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

export const reduce = defineOperator<ReduceAttributes>({
  arity: 1,
  anyType: true,
  words,
  infer([x], { axes, keepDims }) {
    for (const axis of axes) checkAxis(axis, x.shape.length);
    check(new Set(axes).size === axes.length, `axes ${text(axes)} repeat`);
    const shape = x.shape.flatMap((d, i) => (!axes.includes(i) ? [d] : keepDims ? [1] : []));
    return [{ shape, dtype: x.dtype }];
  },
  flops: (_, [x]) => sizeOf(x),
});
