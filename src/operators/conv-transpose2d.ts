import { sizeOf } from '../tensor';
import { check, checkNotNegative, checkPositive, checkRank, float } from './checks';
import type { Conv2dAttributes } from './conv2d';
import { defineOperator } from './operator';
import { checkEpilogue, epilogueFlops, WEIGHTED } from './weighted';
import type { Pair } from './window';

interface ConvTranspose2dAttributes extends Conv2dAttributes {
  readonly outputPadding: Pair;
}

/** inputs: x `[N, C, H, W]`, weight `[C, O/groups, KH, KW]`, bias `[O]`, residual? */
export const convTranspose2d = defineOperator<ConvTranspose2dAttributes>({
  ...WEIGHTED,
  infer(inputs, a) {
    const [x, weight] = inputs.map((i) => i.shape);
    checkRank(x, 4, 'input');
    checkRank(weight, 4, 'weight');
    checkPositive(a.stride, 'stride');
    checkPositive(a.dilation, 'dilation');
    checkNotNegative(a.padding, 'padding');
    checkNotNegative(a.outputPadding, 'output padding');
    checkPositive([a.groups], 'groups');
    check(x[1] === weight[0], `input channels ${x[1]} must match weight channels ${weight[0]}`);
    check(x[1] % a.groups === 0, `input channels ${x[1]} must be a multiple of groups ${a.groups}`);
    const size = [0, 1].map((i) => {
      const full = (x[2 + i] - 1) * a.stride[i] + a.dilation[i] * (weight[2 + i] - 1) + 1;
      return full - a.padding[i] - a.padding[2 + i] + a.outputPadding[i];
    });
    checkPositive(size, 'output size');
    const shape = [x[0], weight[1] * a.groups, ...size];
    checkEpilogue(inputs, shape, shape[1], a);
    return [float(shape)];
  },
  // Each input number is multiplied by every weight of its channel once.
  flops: (a, [x, weight], y) => sizeOf(x) * 2 * sizeOf(weight.slice(1)) + sizeOf(y) * epilogueFlops(a),
});
