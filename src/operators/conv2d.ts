import { sizeOf } from '../tensor';
import { check, checkPositive, checkRank, float } from './checks';
import type { Epilogue } from './epilogue';
import { defineOperator } from './operator';
import { checkEpilogue, epilogueFlops, WEIGHTED } from './weighted';
import { type Padding, type Pair, throughWindow, windowShape } from './window';

export interface Conv2dAttributes extends Epilogue {
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly padding: Padding;
  readonly groups: number;
}

/**
 * inputs: x `[N, C, H, W]`, weight `[O, C/groups, KH, KW]`, bias `[O]`, residual? `[N, O, OH, OW]`, or with height and
 * width smaller by whole factors: its pixels are then repeated
 */
export const conv2d = defineOperator<Conv2dAttributes>({
  ...WEIGHTED,
  infer(inputs, a) {
    const [x, weight] = inputs.map((i) => i.shape);
    checkRank(x, 4, 'input');
    checkRank(weight, 4, 'weight');
    checkPositive([a.groups], 'groups');
    check(
      x[1] === weight[1] * a.groups,
      `input channels ${x[1]} must match weight channels ${weight[1]} × groups ${a.groups}`,
    );
    check(weight[0] % a.groups === 0, `output channels ${weight[0]} must be a multiple of groups ${a.groups}`);
    const shape = windowShape(x, weight[0], [weight[2], weight[3]], a);
    checkEpilogue(inputs, shape, weight[0], a, true);
    return [float(shape)];
  },
  flops: (a, [, weight], y) => sizeOf(y) * (2 * sizeOf(weight.slice(1)) + epilogueFlops(a)),
  receptiveField(a, inputs, y, index) {
    if (index === 0) return throughWindow(inputs[1].slice(2), a);
    if (index < 3) return undefined;
    const cell = (at: number, axis: number): number => Math.floor((at * inputs[index][2 + axis]) / y[2 + axis]);
    return ([first, last], axis) => [cell(first, axis), cell(last, axis)];
  },
});
