import { filterShape, separableExtras } from '../operators/separable-conv2d';
import { binary } from './binary';
import { conv2d } from './conv2d';
import { pad } from './pad';
import type { Reference } from './reference';

/** A depthwise convolution, rounded to float32, and one of single pixels over what it gives. */
export const separableConv2d: Reference<'separable-conv2d'> = (inputs, attributes, [shape]) => {
  const { depthwise, pointwise } = attributes;
  const [x, gateOrFilters, filterBias, weight, bias] = inputs;
  const [residual, slopes, addend] = separableExtras(inputs, attributes);
  const filters = gateOrFilters.reshape(filterShape(gateOrFilters.shape));
  const between = [shape[0], filters.shape[0], shape[2], shape[3]];
  const filtered = conv2d([x, filters, filterBias, ...(addend ? [addend] : [])], depthwise, [between]);
  const hidden = slopes
    ? binary([filtered, slopes.reshape([slopes.size, 1, 1])], { fn: 'prelu' }, [between])
    : filtered;
  const operands = [hidden, weight, bias];
  if (residual) {
    const zeros = {
      mode: 'constant',
      before: [0, 0, 0, 0],
      after: [0, shape[1] - residual.shape[1], 0, 0],
      value: 0,
    } as const;
    operands.push(pad([residual], zeros, [shape]));
  }
  return conv2d(operands, pointwise, [shape]);
};
