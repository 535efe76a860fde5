import { inputsOfBoth } from '../operators/separable-expand';
import type { Tensor } from '../tensor';
import { conv2d } from './conv2d';
import type { Reference } from './reference';
import { separableConv2d } from './separable-conv2d';

/** A depthwise separable convolution, rounded to float32, and one of single pixels over what it gives. */
export const separableExpand: Reference<'separable-expand', Tensor[]> = (inputs, attributes, [yShape, zShape]) => {
  const y = separableConv2d(inputsOfBoth(inputs, inputs[0])[0], attributes.separable, [yShape]);
  return [y, conv2d(inputsOfBoth(inputs, y)[1], attributes.expand, [zShape])];
};
