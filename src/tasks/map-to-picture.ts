import { inputToPicture, type Placement } from '../picture';

/** A map of the network's input, row by row. */
export interface InputMap {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

/** Whole pixels of the picture: from the first to before the last. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * A map of the input as one number for every pixel of the picture, interpolated bilinearly; outside of what the network
 * saw, the nearest.
 *
 * @param region the part of the picture that is wanted; all of it by default
 * @returns `[height, width]` of the region
 */
export function mapToPicture(map: InputMap, placement: Placement, region?: Region): Float32Array {
  const { inputSize } = placement;
  const { left, top, right, bottom } = region ?? { left: 0, top: 0, right: placement.width, bottom: placement.height };
  const [width, height] = [right - left, bottom - top];
  const [startX, startY] = inputToPicture(placement, 0, 0);
  const [endX, endY] = inputToPicture(placement, inputSize[1], inputSize[0]);
  const columns = taps(width, startX - left, (endX - startX) / map.width, map.width);
  const rows = taps(height, startY - top, (endY - startY) / map.height, map.height);
  const result = new Float32Array(width * height);
  for (const [i, row] of rows.entries()) {
    for (const [j, { low, high, t }] of columns.entries()) {
      const at = (y: number): number => {
        const before = map.data[y * map.width + low];
        return before + (map.data[y * map.width + high] - before) * t;
      };
      const above = at(row.low);
      result[i * width + j] = above + (at(row.high) - above) * row.t;
    }
  }
  return result;
}

/** For each pixel its two neighbours in the map, and its distance from the first. */
function taps(pixels: number, origin: number, step: number, limit: number) {
  return Array.from({ length: pixels }, (_, i) => {
    const at = Math.min(Math.max((i + 0.5 - origin) / step - 0.5, 0), limit - 1);
    const low = Math.floor(at);
    return { low, high: Math.min(low + 1, limit - 1), t: at - low };
  });
}
