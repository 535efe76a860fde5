import { Tensor } from '../tensor';
import type { Reference } from './reference';

/** The mean or the maximum of each channel. NaN wins over every number. */
export const globalPool2d: Reference<'global-pool2d'> = ([x], { fn }) => {
  const [batch, channels, height, width] = x.shape;
  const pixels = height * width;
  const source = x.data;
  const y = Tensor.float32([batch, channels, 1, 1]);
  for (let plane = 0; plane < batch * channels; plane++) {
    let sum = 0;
    let greatest = -Infinity;
    for (let p = plane * pixels; p < (plane + 1) * pixels; p++) {
      sum += source[p];
      greatest = Math.max(greatest, source[p]);
    }
    y.data[plane] = fn === 'mean' ? sum / pixels : greatest;
  }
  return y;
};
