import { type Shape, sameShape, sizeOf } from '../tensor';
import { check, checkVector, samePixel, text } from './checks';
import { type Conv2dAttributes, conv2d } from './conv2d';
import { defineOperator } from './operator';

/** Those of the two convolutions that it stands for. */
export interface SeparableConv2dAttributes {
  /** In as many groups as channels; if it has a residual, that comes before the activation. */
  readonly depthwise: Conv2dAttributes;
  /** 1×1 in one group, with stride 1 and no padding. */
  readonly pointwise: Conv2dAttributes;
}

/** The inputs behind the weights, each of which may be missing. The addend is the first convolution's residual. */
export function separableExtras<T>(
  inputs: readonly T[],
  { depthwise, pointwise }: SeparableConv2dAttributes,
): readonly [residual: T | undefined, slopes: T | undefined, addend: T | undefined] {
  const [residual, last] = pointwise.residual === 'none' ? [undefined, inputs[5]] : [inputs[5], inputs[6]];
  return depthwise.residual === 'none' ? [residual, last, undefined] : [residual, undefined, last];
}

/** Filters `[C, 1, KH, KW]`; a gate `[1, C, 1, 1]` is some of 1×1. */
export const filterShape = ([channels, ofGroup, ...kernel]: Shape): Shape =>
  channels === 1 ? [ofGroup, 1, ...kernel] : [channels, ofGroup, ...kernel];

/**
 * A depthwise convolution, then one of single pixels. A pass makes this node, so that what lies between the two is never
 * stored. inputs: x `[N, C, H, W]`, weight `[C, 1, KH, KW]`, or a gate `[1, C, 1, 1]` that the graph may compute, and bias
 * `[C]` of the first, weight `[O, C, 1, 1]` and bias `[O]` of the second, residual? `[N, R, OH, OW]` with R ≤ O, whose missing
 * channels are zero, then slopes? `[C]` of a PReLU between the two, or the residual? `[N, C, OH, OW]` of the first; output
 * `[N, O, OH, OW]`
 */
export const separableConv2d = defineOperator<SeparableConv2dAttributes>({
  arity: [5, 7],
  constants: [1, 2, 3, 4],
  infer(inputs, attributes) {
    const { depthwise, pointwise } = attributes;
    const [x, filters, filterBias, weight, bias] = inputs.with(1, {
      ...inputs[1],
      shape: filterShape(inputs[1].shape),
    });
    const [residual, slopes, addend] = separableExtras(inputs, attributes);
    const [hidden] = conv2d.infer([x, filters, filterBias, ...(addend ? [addend] : [])], depthwise);
    const [y] = conv2d.infer([hidden, weight, bias], { ...pointwise, residual: 'none' });
    const [channels, ofGroup] = filters.shape;
    check(ofGroup === 1 && channels === x.shape[1], `depthwise weight ${text(filters.shape)} must be [C, 1, KH, KW]`);
    check(sameShape(y.shape.slice(2), hidden.shape.slice(2)), `weight ${text(weight.shape)} must be [O, C, 1, 1]`);
    const extras = inputs.length - 5 - Number(pointwise.residual !== 'none');
    check(
      extras === 1 || (extras === 0 && depthwise.residual === 'none'),
      `residual is '${pointwise.residual}' but there are ${inputs.length} inputs`,
    );
    check(
      !residual || sameShape(residual.shape, y.shape.with(1, Math.min(residual.shape[1], y.shape[1]))),
      `residual ${text(residual?.shape ?? [])} must have the output's shape ${text(y.shape)}, or fewer channels`,
    );
    if (slopes) checkVector(slopes.shape, channels, 'slopes');
    const isBefore =
      depthwise.residual !== 'after-activation' && sameShape(addend?.shape ?? hidden.shape, hidden.shape);
    check(
      isBefore,
      `depthwise residual ${text(addend?.shape ?? [])} must be ${text(hidden.shape)} before the activation`,
    );
    return [y];
  },
  flops(attributes, inputs, y) {
    const { depthwise, pointwise } = attributes;
    const [x, filters, filterBias, ...rest] = inputs.with(1, filterShape(inputs[1]));
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
