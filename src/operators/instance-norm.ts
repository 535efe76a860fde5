import { type Shape, sizeOf } from '../tensor';
import { check, checkVector, text } from './checks';
import { defineOperator } from './operator';

/** inputs: x `[N, C, ...]`, scale `[C]`, bias `[C]` */
export const instanceNorm = defineOperator<{ readonly epsilon: number }>({
  arity: 3,
  constants: [1, 2],
  infer([x, scale, bias]) {
    check(x.shape.length >= 3, `input must have rank 3 or more, got ${text(x.shape)}`);
    checkVector(scale.shape, x.shape[1], 'scale');
    checkVector(bias.shape, x.shape[1], 'bias');
    return [x];
  },
  flops: (_, __, y) => normalisationFlops(y),
});

/** Sum; subtract, square and sum; divide by the deviation; scale and shift. */
export const normalisationFlops = (y: Shape): number => 7 * sizeOf(y);
