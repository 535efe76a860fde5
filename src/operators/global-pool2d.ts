import { sizeOf } from '../tensor';
import { checkRank, float } from './checks';
import { defineOperator, type Words } from './operator';

const words = { fn: ['mean', 'max'] } as const;

/** x `[N, C, H, W]` to `[N, C, 1, 1]` */
export const globalPool2d = defineOperator<Words<typeof words>>({
  arity: 1,
  words,
  infer([{ shape }]) {
    checkRank(shape, 4, 'input');
    return [float([shape[0], shape[1], 1, 1])];
  },
  flops: (_, [x]) => sizeOf(x),
});
