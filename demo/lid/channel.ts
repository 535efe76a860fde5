import type { Tensor } from '../../src';
import { make, sized } from '../dom';
import { paintDiverging } from './diverging';

/** The channel and the pixel that are looked at. */
export interface Point {
  readonly channel: number;
  /** Row and column, as `12,7`; empty for the middle of the map. */
  readonly pixel: string;
}

/** Anything as `[1, C, H, W]`: what is no image becomes one channel of rows. */
export function asImage(value: Tensor): Tensor {
  if (value.shape.length === 4) return value;
  const width = value.shape.at(-1) ?? 1;
  return value.reshape([1, 1, width === 0 ? 0 : value.size / width, width]);
}

export interface Range {
  readonly low: number;
  readonly high: number;
}

export function rangeOf(data: ArrayLike<number>): Range {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < data.length; i++) {
    if (data[i] < low) low = data[i];
    if (data[i] > high) high = data[i];
  }
  return low <= high ? { low, high } : { low: 0, high: 0 };
}

export const reach = ({ low, high }: Range): number => Math.max(Math.abs(low), Math.abs(high));
export const isDead = ({ low, high }: Range): boolean => low === high;
export const channelName = (channel: string, range: Range): string =>
  isDead(range)
    ? `Channel ${channel}, dead: ${range.low.toPrecision(3)} everywhere`
    : `Channel ${channel}, from ${range.low.toPrecision(3)} to ${range.high.toPrecision(3)}`;

export const plane = ({ data, shape: [, , height, width] }: Tensor, channel: number) =>
  data.subarray(channel * height * width, (channel + 1) * height * width);

/** A channel on the diverging scale from -limit to limit, by default its own. */
export function paintChannel(
  image: Tensor,
  channel: number,
  limit = reach(rangeOf(plane(image, channel))),
): HTMLCanvasElement {
  const [, , height, width] = image.shape;
  const canvas = make('canvas');
  const context = sized(canvas, Math.max(1, width), Math.max(1, height));
  const pixels = context.createImageData(canvas.width, canvas.height);
  paintDiverging(pixels, plane(image, channel), limit);
  context.putImageData(pixels, 0, 0);
  return canvas;
}
