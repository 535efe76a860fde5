import { sizeOf } from '../tensor';
import { checkRank, float } from './checks';
import { defineOperator, type OperatorRecord } from './operator';
import { throughWindow, type Window, windowShape } from './window';

export const pool: OperatorRecord<Window> = {
  arity: 1,
  infer([{ shape }], a) {
    checkRank(shape, 4, 'input');
    return [float(windowShape(shape, shape[1], a.kernel, a, a.ceilMode))];
  },
  flops: ({ kernel }, _, y) => sizeOf(y) * kernel[0] * kernel[1],
  receptiveField: (a) => throughWindow(a.kernel, a),
};

/** x `[N, C, H, W]`; padding never wins */
export const maxPool2d = defineOperator<Window>(pool);
