import { sameShape } from '../tensor';
import { check, text } from './checks';
import { type Conv2dAttributes, conv2d } from './conv2d';
import { defineOperator } from './operator';

/** Those of the two convolutions that it stands for. */
interface SeparableConv2dAttributes {
  /** In as many groups as channels, without a residual. */
  readonly depthwise: Conv2dAttributes;
  /** 1×1 in one group, with stride 1 and no padding. */
  readonly pointwise: Conv2dAttributes;
}

/**
 * A depthwise convolution, then one of single pixels. A pass makes this node, so that what lies between the two is never
 * stored. inputs: x `[N, C, H, W]`, weight `[C, 1, KH, KW]` and bias `[C]` of the first, weight `[O, C, 1, 1]` and bias `[O]`
 * of the second, residual? `[N, O, OH, OW]`; output `[N, O, OH, OW]`
 */
export const separableConv2d = defineOperator<SeparableConv2dAttributes>({
  arity: [5, 6],
  constants: [1, 2, 3, 4],
  infer([x, filters, filterBias, weight, ...rest], { depthwise, pointwise }) {
    const [hidden] = conv2d.infer([x, filters, filterBias], depthwise);
    const [y] = conv2d.infer([hidden, weight, ...rest], pointwise);
    const [channels, ofGroup] = filters.shape;
    check(ofGroup === 1 && channels === x.shape[1], `depthwise weight ${text(filters.shape)} must be [C, 1, KH, KW]`);
    check(sameShape(y.shape.slice(2), hidden.shape.slice(2)), `weight ${text(weight.shape)} must be [O, C, 1, 1]`);
    const residual = rest[1]?.shape ?? y.shape;
    check(sameShape(residual, y.shape), `residual ${text(residual)} must have the output's shape ${text(y.shape)}`);
    return [y];
  },
  flops({ depthwise, pointwise }, [x, filters, filterBias, ...rest], y) {
    const hidden = [y[0], filters[0], y[2], y[3]];
    return conv2d.flops!(depthwise, [x, filters, filterBias], hidden) + conv2d.flops!(pointwise, [hidden, ...rest], y);
  },
  receptiveField: ({ depthwise, pointwise }, inputs, y, index) =>
    index === 0
      ? conv2d.receptiveField!(depthwise, inputs, y, 0)
      : conv2d.receptiveField!(pointwise, inputs.slice(2), y, Math.max(1, index - 2)),
});
