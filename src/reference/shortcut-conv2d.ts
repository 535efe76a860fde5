import { Tensor } from '../tensor';
import { convolutionSums } from './conv2d';
import { applyEpilogue } from './epilogue';
import { maxPool2d } from './max-pool2d';
import type { Reference } from './reference';

/**
 * The sum of a convolution that keeps the size of x, and of a 1×1 convolution of the maxima of a shortcut (He et al. 2016,
 * "Deep residual learning for image recognition", section 3.2).
 */
export const shortcutConv2d: Reference<'shortcut-conv2d'> = (
  [x, weight, bias, shortcut, projection],
  { pool, stride, activation },
  [shape],
) => {
  const [batch, , height, width] = shape;
  const window = { dilation: [1, 1], padding: [0, 0, 0, 0] } as const;
  const maxima = { ...window, kernel: pool, stride, ceilMode: false };
  const pooled = maxPool2d([shortcut], maxima, [[batch, shortcut.shape[1], height, width]]);
  const slide = { ...window, stride: [1, 1], groups: 1 } as const;
  const [top, left] = weight.shape.slice(2).map((taps) => (taps - 1) / 2);
  const sums = convolutionSums([x, weight, bias], { ...slide, padding: [top, left, top, left] }, shape);
  const added = convolutionSums([pooled, projection, Tensor.float32(bias.shape)], slide, shape);
  const both = sums.map((sum, i) => sum + added[i]);
  return Tensor.float32(shape, applyEpilogue(both, undefined, { activation, residual: 'none' }));
};
