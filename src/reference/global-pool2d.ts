import type { OperatorAttributes } from '../operators';
import { Tensor } from '../tensor';

/**
 * The mean or the maximum of each channel. NaN wins over every number.
 *
 * @param x `[N, C, H, W]`
 * @returns `[N, C, 1, 1]`
 */
export function globalPool2d(x: Tensor, { fn }: OperatorAttributes['global-pool2d']): Tensor {
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
}
