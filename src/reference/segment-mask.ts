import { inputToPicture, type Placement } from '../picture';
import type { Tensor } from '../tensor';

/**
 * Finds the class of every pixel of the picture from a segmenter's logits: interpolates the logits bilinearly, then
 * takes the largest, on ties the lowest class.
 *
 * @param logits `[1, classes, h, w]`
 * @returns `[height, width]`
 */
export function segmentMask(logits: Tensor, placement: Placement): Uint8Array {
  const { width, height, inputSize } = placement;
  const [, classes, h, w] = logits.shape;
  const [originX, originY] = inputToPicture(placement, 0, 0);
  const [endX, endY] = inputToPicture(placement, inputSize[1], inputSize[0]);
  const columns = taps(width, originX, (endX - originX) / w, w);
  const rows = taps(height, originY, (endY - originY) / h, h);
  const mask = new Uint8Array(width * height);
  // [w, classes]: the logits at the height of one row of the picture.
  const mixed = new Float64Array(w * classes);
  for (const [i, row] of rows.entries()) {
    for (let x = 0; x < w; x++) {
      for (let c = 0; c < classes; c++) {
        const plane = c * h * w + x;
        mixed[x * classes + c] = mix(logits.data[plane + row.low * w], logits.data[plane + row.high * w], row.t);
      }
    }
    for (const [j, { low, high, t }] of columns.entries()) {
      let best = Number.NEGATIVE_INFINITY;
      for (let c = 0, left = low * classes, right = high * classes; c < classes; c++, left++, right++) {
        const value = mix(mixed[left], mixed[right], t);
        if (value > best) {
          best = value;
          mask[i * width + j] = c;
        }
      }
    }
  }
  return mask;
}

const mix = (a: number, b: number, t: number): number => a + (b - a) * t;

/** For each pixel its two neighbouring logits (the outermost are repeated), and its distance from the first. */
function taps(pixels: number, origin: number, step: number, limit: number) {
  return Array.from({ length: pixels }, (_, i) => {
    const at = Math.min(Math.max((i + 0.5 - origin) / step - 0.5, 0), limit - 1);
    const low = Math.floor(at);
    return { low, high: Math.min(low + 1, limit - 1), t: at - low };
  });
}
