import { sizeOf } from '../tensor';
import { check, checkAxis, text } from './checks';
import { defineOperator, type Words } from './operator';

const words = { fn: ['argmax', 'argmin'] } as const;

interface ArgmaxAttributes extends Words<typeof words> {
  readonly axis: number;
  readonly keepDims: boolean;
  /** Among equal values take the last instead of the first. */
  readonly selectLast: boolean;
}

export const argmax = defineOperator<ArgmaxAttributes>({
  arity: 1,
  anyType: true,
  words,
  infer([x], { axis, keepDims }) {
    checkAxis(axis, x.shape.length);
    check(x.shape[axis] > 0, `axis ${axis} of ${text(x.shape)} is empty`);
    return [{ shape: keepDims ? x.shape.with(axis, 1) : x.shape.toSpliced(axis, 1), dtype: 'int32' }];
  },
  flops: (_, [x]) => sizeOf(x),
});
