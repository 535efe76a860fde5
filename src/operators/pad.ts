import { check, text } from './checks';
import { defineOperator, type Words } from './operator';

const words = { mode: ['constant', 'reflect', 'edge', 'wrap'] } as const;

interface PadAttributes extends Words<typeof words> {
  /** One entry per axis; negative crops. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: number;
}

export const pad = defineOperator<PadAttributes>({
  arity: 1,
  anyType: true,
  words,
  infer([x], { mode, before, after }) {
    for (const list of [before, after]) {
      check(list.length === x.shape.length, `pad needs one entry per axis of ${text(x.shape)}, got ${text(list)}`);
    }
    const shape = x.shape.map((d, i) => d + before[i] + after[i]);
    const isPossible = shape.every((d) => d >= 0);
    check(isPossible, `pad crops ${text(x.shape)} below zero`);
    if (mode !== 'constant') {
      const isFilled = x.shape.every((d, i) => d > 0 || shape[i] === 0);
      check(isFilled, `${mode} padding has nothing to repeat along an empty axis of ${text(x.shape)}`);
    }
    if (mode === 'reflect') {
      const fits = x.shape.every((d, i) => Math.max(before[i], after[i]) < Math.max(d, 1));
      check(fits, `reflect padding ${text(before)} ${text(after)} must be smaller than ${text(x.shape)}`);
    }
    return [{ shape, dtype: x.dtype }];
  },
});
