import { broadcastShapes, sameShape, sizeOf } from '../tensor';
import { check, float, text } from './checks';
import { defineOperator } from './operator';

interface AttentionAttributes {
  /** Multiplies the scores before the mask is added: usually 1 / √D. */
  readonly scale: number;
}

/**
 * inputs: queries `[..., M, D]`, keys `[..., N, D]`, values `[..., N, E]` with broadcasting over the leading axes, and
 * perhaps a mask that broadcasts to the scores `[..., M, N]`; output `[..., M, E]`
 */
export const attention = defineOperator<AttentionAttributes>({
  arity: [3, 4],
  infer(inputs) {
    const [q, k, v, mask] = inputs.map(({ shape }) => shape);
    check(
      [q, k, v].every(({ length }) => length >= 2),
      `queries, keys and values must have rank 2 or more, got ${text(q)}, ${text(k)} and ${text(v)}`,
    );
    check(q.at(-1) === k.at(-1), `queries ${text(q)} and keys ${text(k)} must be of one length`);
    check(k.at(-2) === v.at(-2), `there must be a value for each key, got ${text(k)} and ${text(v)}`);
    const batch = [q, k, v].map((shape) => shape.slice(0, -2)).reduce(broadcastShapes);
    const scores = [...batch, q.at(-2)!, k.at(-2)!];
    check(
      !mask || sameShape(broadcastShapes(scores, mask), scores),
      `a mask ${text(mask ?? [])} does not fit scores ${text(scores)}`,
    );
    return [float([...batch, q.at(-2)!, v.at(-1)!])];
  },
  // A multiply-add for each score's and each output's terms; softmax takes five operations a score.
  flops: (_, [q, k, v], y) => {
    const scores = (sizeOf(y) / (v.at(-1)! || 1)) * k.at(-2)!;
    return scores * (2 * q.at(-1)! + 5 + 2 * v.at(-1)!);
  },
});
