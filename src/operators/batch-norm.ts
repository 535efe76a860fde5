import { sizeOf } from '../tensor';
import { check, checkVector, samePixel, text } from './checks';
import { defineOperator } from './operator';

/** inputs: x `[N, C, ...]`, scale, bias, mean, variance, each `[C]` */
export const batchNorm = defineOperator<{ readonly epsilon: number }>({
  arity: 5,
  constants: [1, 2, 3, 4],
  infer([x, ...vectors]) {
    check(x.shape.length >= 2, `input must have rank 2 or more, got ${text(x.shape)}`);
    for (const [i, v] of vectors.entries()) checkVector(v.shape, x.shape[1], ['scale', 'bias', 'mean', 'variance'][i]);
    return [x];
  },
  flops: (_, __, y) => 2 * sizeOf(y),
  receptiveField: (_, inputs, y, index) => samePixel(inputs[index], y),
});
