import { sizeOf, Tensor } from '../tensor';
import { maxPool2dIndices } from './max-pool2d-indices';
import type { Reference } from './reference';

/**
 * The greatest pixel under the window. Padding never wins: a window of nothing but padding gives -Infinity.
 * NaN wins over every number, as in PyTorch.
 */
export const maxPool2d: Reference<'max-pool2d'> = ([x], window, [shape]) => {
  const { data: places } = maxPool2dIndices([x], window, [shape]);
  const [inPlane, outPlane] = [x.shape, shape].map((dims) => sizeOf(dims.slice(2)));
  const pixel = (place: number, i: number): number =>
    place < 0 ? -Infinity : x.data[Math.floor(i / outPlane) * inPlane + place];
  return Tensor.float32(shape, Float32Array.from(places, pixel));
};
