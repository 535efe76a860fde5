import type { OperatorAttributes } from '../../operators';
import type { Pair } from '../../operators/window';
import type { Shape } from '../../tensor';

/** How often a resize of a picture repeats each of its pixels along both axes; undefined where it does anything else. */
export function repetition(resize: OperatorAttributes['resize2d'], [, , height, width]: Shape): Pair | undefined {
  const { mode, coordinates, rounding, size, scale } = resize;
  const [rows, columns] = [size[0] / height, size[1] / width];
  const whole = Number.isInteger(rows) && Number.isInteger(columns) && rows === scale[0] && columns === scale[1];
  // Counting from corners, pixel i comes from ⌊i / factor⌋; counting from centres, from the centre that is nearest.
  const repeats =
    (coordinates === 'asymmetric' && rounding === 'floor') ||
    (coordinates === 'half-pixel' && rounding.startsWith('round'));
  return mode === 'nearest' && whole && repeats ? [rows, columns] : undefined;
}

/** How a resize doubles the size of a picture, counting from the centres of pixels; undefined where it does not. */
export function doubling(resize: OperatorAttributes['resize2d'], shape: Shape): 'nearest' | 'linear' | undefined {
  const { mode, coordinates, size, scale } = resize;
  if (!scale.every((s, i) => s === 2 && size[i] === 2 * shape[2 + i])) return undefined;
  if (mode === 'linear') return coordinates.endsWith('half-pixel') ? 'linear' : undefined;
  return repetition(resize, shape) && 'nearest';
}
