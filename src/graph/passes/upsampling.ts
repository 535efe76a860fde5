import type { Shape } from '../../tensor';
import type { OperatorAttributes, Pair } from '../operators';

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
