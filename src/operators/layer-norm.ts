import { sameShape } from '../tensor';
import { check, checkAxis, text } from './checks';
import { normalisationFlops } from './instance-norm';
import { defineOperator } from './operator';

/** inputs: x, scale and bias of the shape from `axis` on */
export const layerNorm = defineOperator<{ readonly axis: number; readonly epsilon: number }>({
  arity: 3,
  constants: [1, 2],
  infer([x, ...vectors], { axis }) {
    checkAxis(axis, x.shape.length);
    const normalised = x.shape.slice(axis);
    for (const { shape } of vectors) {
      check(sameShape(shape, normalised), `scale and bias must have shape ${text(normalised)}, got ${text(shape)}`);
    }
    return [x];
  },
  flops: (_, __, y) => normalisationFlops(y),
});
