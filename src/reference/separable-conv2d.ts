import { conv2d } from './conv2d';
import type { Reference } from './reference';

/** A depthwise convolution, rounded to float32, and one of single pixels over what it gives. */
export const separableConv2d: Reference<'separable-conv2d'> = (
  [x, filters, filterBias, ...rest],
  { depthwise, pointwise },
  [shape],
) => {
  const hidden = conv2d([x, filters, filterBias], depthwise, [[shape[0], filters.shape[0], shape[2], shape[3]]]);
  return conv2d([hidden, ...rest], pointwise, [shape]);
};
