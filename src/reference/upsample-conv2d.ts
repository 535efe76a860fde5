import { concat } from './concat';
import { conv2d } from './conv2d';
import type { Reference } from './reference';
import { resize2d } from './resize2d';

/**
 * Doubles a picture by repeating every pixel or by linear interpolation between pixel centres, joins a skip connection
 * along the channels, and convolves so that the size stays.
 */
export const upsampleConv2d: Reference<'upsample-conv2d'> = (
  [low, weight, bias, skip],
  { mode, activation },
  [shape],
) => {
  const [batch, , height, width] = shape;
  const resize = { size: [height, width], scale: [2, 2], rounding: 'round-prefer-floor', cubicA: 0 } as const;
  const large = [batch, low.shape[1], height, width];
  const doubled = resize2d([low], { ...resize, mode, coordinates: 'half-pixel' }, [large]);
  const joined = skip ? concat([doubled, skip], { axis: 1 }, [[batch, weight.shape[1], height, width]]) : doubled;
  const [top, left] = weight.shape.slice(2).map((taps) => (taps - 1) / 2);
  const window = { stride: [1, 1], dilation: [1, 1], padding: [top, left, top, left], groups: 1 } as const;
  return conv2d([joined, weight, bias], { ...window, activation, residual: 'none' }, [shape]);
};
