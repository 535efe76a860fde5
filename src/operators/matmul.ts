import { broadcastShapes, sizeOf } from '../tensor';
import { check, float, text } from './checks';
import { defineOperator } from './operator';

/** inputs: a `[..., M, K]`, b `[..., K, N]` with broadcasting over the leading axes */
export const matmul = defineOperator<Record<never, never>>({
  arity: 2,
  infer(inputs) {
    const [a, b] = inputs.map((i) => i.shape);
    check(a.length >= 2 && b.length >= 2, `matrices must have rank 2 or more, got ${text(a)} and ${text(b)}`);
    check(a.at(-1) === b.at(-2), `inner dimensions must match, got ${text(a)} and ${text(b)}`);
    return [float([...broadcastShapes(a.slice(0, -2), b.slice(0, -2)), a.at(-2)!, b.at(-1)!])];
  },
  flops: (_, [a], y) => sizeOf(y) * 2 * a.at(-1)!,
});
