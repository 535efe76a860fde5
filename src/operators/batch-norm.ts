import { sameShape, sizeOf } from '../tensor';
import { check, checkVector, samePixel, text } from './checks';
import { defineOperator } from './operator';

/**
 * inputs: x `[N, C, ...]`, scale, bias, mean, variance, each `[C]`, and what a pass merges with it: slopes? `[C]` of a PReLU
 * over the result, and a residual? of x's shape that is added to x
 */
export const batchNorm = defineOperator<{ readonly epsilon: number }>({
  arity: [5, 7],
  constants: [1, 2, 3, 4, 5],
  infer([x, ...rest]) {
    const [vectors, [residual]] = [rest.slice(0, 5), rest.slice(5)];
    check(x.shape.length >= 2, `input must have rank 2 or more, got ${text(x.shape)}`);
    for (const [i, v] of vectors.entries())
      checkVector(v.shape, x.shape[1], ['scale', 'bias', 'mean', 'variance', 'slopes'][i]);
    const isAlike = !residual || sameShape(residual.shape, x.shape);
    check(isAlike, `residual ${text(residual?.shape ?? [])} must have the input's shape ${text(x.shape)}`);
    return [x];
  },
  flops: (_, { length }, y) => (length - 3) * sizeOf(y),
  receptiveField: (_, inputs, y, index) => samePixel(inputs[index], y),
});
