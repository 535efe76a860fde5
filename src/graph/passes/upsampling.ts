import type { OperatorAttributes } from '../../operators';
import type { Pair } from '../../operators/window';
import type { Shape } from '../../tensor';

/** How often a resize repeats each pixel along height and width; undefined if it is another kind of resize. */
export function repetition(resize: OperatorAttributes['resize2d'], [, , height, width]: Shape): Pair | undefined {
  const { mode, coordinates, rounding, size, scale } = resize;
  const [rows, columns] = [size[0] / height, size[1] / width];
  const whole = Number.isInteger(rows) && Number.isInteger(columns) && rows === scale[0] && columns === scale[1];
  // 'asymmetric' takes pixel ⌊i / factor⌋, 'half-pixel' the nearest centre: both repeat.
  const repeats =
    (coordinates === 'asymmetric' && rounding === 'floor') ||
    (coordinates === 'half-pixel' && rounding.startsWith('round'));
  return mode === 'nearest' && whole && repeats ? [rows, columns] : undefined;
}

/** How a resize doubles a picture with half-pixel centres; undefined if it is another kind of resize. */
export function doubling(resize: OperatorAttributes['resize2d'], shape: Shape): 'nearest' | 'linear' | undefined {
  const { mode, coordinates, size, scale } = resize;
  if (!scale.every((s, i) => s === 2 && size[i] === 2 * shape[2 + i])) return undefined;
  if (mode === 'linear') return coordinates.endsWith('half-pixel') ? 'linear' : undefined;
  return repetition(resize, shape) && 'nearest';
}
