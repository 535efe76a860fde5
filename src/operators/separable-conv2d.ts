import { sameShape, sizeOf } from '../tensor';
import { check, checkVector, samePixel, text } from './checks';
import { type Conv2dAttributes, conv2d } from './conv2d';
import { defineOperator } from './operator';

/** Those of the two convolutions that it stands for. */
export interface SeparableConv2dAttributes {
  /** In as many groups as channels, without a residual. */
  readonly depthwise: Conv2dAttributes;
  /** 1×1 in one group, with stride 1 and no padding. */
  readonly pointwise: Conv2dAttributes;
}

/** The inputs behind the weights, each of which may be missing. */
export const separableExtras = <T>(
  inputs: readonly T[],
  { pointwise }: SeparableConv2dAttributes,
): readonly [residual: T | undefined, slopes: T | undefined] =>
  pointwise.residual === 'none' ? [undefined, inputs[5]] : [inputs[5], inputs[6]];

/**
 * A depthwise convolution, then one of single pixels. A pass makes this node, so that what lies between the two is never
 * stored. inputs: x `[N, C, H, W]`, weight `[C, 1, KH, KW]` and bias `[C]` of the first, weight `[O, C, 1, 1]` and bias `[O]`
 * of the second, residual? `[N, R, OH, OW]` with R ≤ O, whose missing channels are zero, slopes? `[C]` of a PReLU between
 * the two; output `[N, O, OH, OW]`
 */
export const separableConv2d = defineOperator<SeparableConv2dAttributes>({
  arity: [5, 7],
  constants: [1, 2, 3, 4],
  infer(inputs, attributes) {
    const { depthwise, pointwise } = attributes;
    const [x, filters, filterBias, weight, bias] = inputs;
    const [residual, slopes] = separableExtras(inputs, attributes);
    const [hidden] = conv2d.infer([x, filters, filterBias], depthwise);
    const [y] = conv2d.infer([hidden, weight, bias], { ...pointwise, residual: 'none' });
    const [channels, ofGroup] = filters.shape;
    check(ofGroup === 1 && channels === x.shape[1], `depthwise weight ${text(filters.shape)} must be [C, 1, KH, KW]`);
    check(sameShape(y.shape.slice(2), hidden.shape.slice(2)), `weight ${text(weight.shape)} must be [O, C, 1, 1]`);
    const extras = inputs.length - 5 - Number(pointwise.residual !== 'none');
    check(extras === 0 || extras === 1, `residual is '${pointwise.residual}' but there are ${inputs.length} inputs`);
    check(
      !residual || sameShape(residual.shape, y.shape.with(1, Math.min(residual.shape[1], y.shape[1]))),
      `residual ${text(residual?.shape ?? [])} must have the output's shape ${text(y.shape)}, or fewer channels`,
    );
    if (slopes) checkVector(slopes.shape, channels, 'slopes');
    return [y];
  },
  flops(attributes, inputs, y) {
    const { depthwise, pointwise } = attributes;
    const [x, filters, filterBias, ...rest] = inputs;
    const [, slopes] = separableExtras(inputs, attributes);
    const hidden = [y[0], filters[0], y[2], y[3]];
    const prelu = slopes ? sizeOf(hidden) : 0;
    return (
      conv2d.flops!(depthwise, [x, filters, filterBias], hidden) +
      prelu +
      conv2d.flops!(pointwise, [hidden, ...rest], y)
    );
  },
  receptiveField(attributes, inputs, y, index) {
    if (index > 4) return samePixel(inputs[index], y);
    return index === 0 ? conv2d.receptiveField!(attributes.depthwise, inputs, y, 0) : undefined;
  },
});
