import { sameShape } from '../tensor';
import { check, text } from './checks';
import { type Conv2dAttributes, conv2d } from './conv2d';
import { defineOperator } from './operator';
import { type SeparableConv2dAttributes, separableConv2d } from './separable-conv2d';

/** Those of the two nodes that it stands for. */
interface SeparableExpandAttributes {
  readonly separable: SeparableConv2dAttributes;
  /** 1×1 in one group, with stride 1, no padding and no residual. */
  readonly expand: Conv2dAttributes;
}

/** Its inputs as those of the two nodes that it stands for; y is what the first gives. */
export const inputsOfBoth = <T>(inputs: readonly T[], y: T): readonly [separable: T[], expand: T[]] => [
  [...inputs.slice(0, 5), ...inputs.slice(7)],
  [y, ...inputs.slice(5, 7)],
];

/**
 * A depthwise separable convolution, and one of single pixels that reads it. A pass makes this node, so that both are one
 * launch. inputs: the five of `separable-conv2d`, weight `[E, O, 1, 1]` and bias `[E]` of the last, then the residual? and
 * the slopes? of the first; outputs y `[N, O, OH, OW]` and z `[N, E, OH, OW]`
 */
export const separableExpand = defineOperator<SeparableExpandAttributes>({
  arity: [7, 9],
  constants: [1, 2, 3, 4, 5, 6],
  infer(inputs, { separable, expand }) {
    const [y] = separableConv2d.infer(inputsOfBoth(inputs, inputs[0])[0], separable);
    const [z] = conv2d.infer(inputsOfBoth(inputs, y)[1], expand);
    check(
      sameShape(z.shape.slice(2), y.shape.slice(2)),
      `the last weight ${text(inputs[5].shape)} must be [E, O, 1, 1]`,
    );
    return [y, z];
  },
  flops({ separable, expand }, inputs, y) {
    const [first, second] = inputsOfBoth(inputs, y);
    return separableConv2d.flops!(separable, first, y) + conv2d.flops!(expand, second, y.with(1, inputs[5][0]));
  },
  receptiveField({ separable }, inputs, y, index) {
    const [first] = inputsOfBoth(inputs, y);
    const isOfFirst = index < 5 || index > 6;
    return isOfFirst ? separableConv2d.receptiveField!(separable, first, y, index < 5 ? index : index - 2) : undefined;
  },
});
