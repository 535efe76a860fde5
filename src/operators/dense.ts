import { sizeOf } from '../tensor';
import { check, checkRank, float } from './checks';
import type { Epilogue } from './epilogue';
import { defineOperator } from './operator';
import { checkEpilogue, epilogueFlops, WEIGHTED } from './weighted';

/** inputs: x `[..., K]`, weight `[O, K]`, bias `[O]`, residual? `[..., O]` */
export const dense = defineOperator<Epilogue>({
  ...WEIGHTED,
  infer(inputs, a) {
    const [x, weight] = inputs.map((i) => i.shape);
    check(x.length >= 1, 'input must have rank 1 or more');
    checkRank(weight, 2, 'weight');
    check(x.at(-1) === weight[1], `input features ${x.at(-1)} must match weight features ${weight[1]}`);
    const shape = [...x.slice(0, -1), weight[0]];
    checkEpilogue(inputs, shape, weight[0], a);
    return [float(shape)];
  },
  flops: (a, [, weight], y) => sizeOf(y) * (2 * weight[1] + epilogueFlops(a)),
});
