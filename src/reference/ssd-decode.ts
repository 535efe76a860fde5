import { Tensor } from '../tensor';
import type { Reference } from './reference';

/**
 * Turns the offsets that an SSD head predicts into boxes: the centre moves by a fraction of the default box's size,
 * the size changes by a factor. Liu et al. 2016, section 2.2, with the variances of the authors' implementation.
 */
export const ssdDecode: Reference<'ssd-decode'> = ([offsets, defaults], { variances, clip }) => {
  const y = Tensor.float32(offsets.shape);
  const [centerVariance, sizeVariance] = variances;
  const limit = (v: number): number => (clip ? Math.min(Math.max(v, 0), 1) : v);
  for (let at = 0; at < offsets.size; at += 4) {
    const [dx, dy, dw, dh] = offsets.data.subarray(at, at + 4);
    const box = at % defaults.size;
    const [centerX, centerY, width, height] = defaults.data.subarray(box, box + 4);
    const x = centerX + dx * centerVariance * width;
    const y0 = centerY + dy * centerVariance * height;
    const halfWidth = (width * Math.exp(dw * sizeVariance)) / 2;
    const halfHeight = (height * Math.exp(dh * sizeVariance)) / 2;
    y.data.set([x - halfWidth, y0 - halfHeight, x + halfWidth, y0 + halfHeight].map(limit), at);
  }
  return y;
};
