import type { Epilogue } from '../operators/epilogue';
import type { Shape, Tensor } from '../tensor';
import { boundsOf, makeActivation } from './activation';

/** Stores sums as a convolution's output: adds bias and residual, applies the activation. */
export interface Store {
  /** `y[at + i] = epilogue(sums[from + i])`, i < count, of one channel; `plane` is where the channel's plane starts. */
  row(sums: Float32Array, from: number, count: number, channel: number, plane: number, pixel: number): void;
}

/**
 * @param bias one number per channel
 * @param residual of the output's shape, or smaller by whole factors: its pixels are then repeated
 * @param y the output, whose planes are `[height, width]`
 */
export function makeStore(
  { activation, residual: order }: Epilogue,
  bias: Float32Array,
  residual: Tensor | undefined,
  y: Tensor,
): Store {
  const out = y.data as Float32Array;
  const bounds = boundsOf(activation);
  if (!residual && bounds) {
    const [low, high] = bounds;
    return {
      row(sums, from, count, channel, plane, pixel) {
        const shift = bias[channel];
        for (let at = plane + pixel, end = at + count; at < end; at++, from++) {
          const v = sums[from] + shift;
          out[at] = v < low ? low : v > high ? high : v;
        }
      },
    };
  }
  const activate = makeActivation(activation);
  const offsetOf = residual && residual.size < y.size ? repeatedOffset(residual.shape, y.shape) : undefined;
  const addResidual = (plane: number, pixel: number, count: number): void => {
    const added = residual!.data;
    for (let i = 0; i < count; i++) {
      const at = plane + pixel + i;
      out[at] += added[offsetOf ? offsetOf(plane, pixel + i) : at];
    }
  };
  return {
    row(sums, from, count, channel, plane, pixel) {
      const shift = bias[channel];
      const start = plane + pixel;
      for (let i = 0; i < count; i++) out[start + i] = sums[from + i] + shift;
      if (order === 'before-activation') addResidual(plane, pixel, count);
      activate(out, start, start + count);
      if (order === 'after-activation') addResidual(plane, pixel, count);
    },
  };
}

/** Where a smaller picture holds the pixel that is repeated at a place of the larger one. */
function repeatedOffset(from: Shape, to: Shape): (plane: number, pixel: number) => number {
  const [rows, columns] = [to[2] / from[2], to[3] / from[3]];
  const [width, smallWidth] = [to[3], from[3]];
  const area = rows * columns;
  return (plane, pixel) => {
    const i = Math.floor(pixel / width);
    const j = pixel - i * width;
    return plane / area + Math.floor(i / rows) * smallWidth + Math.floor(j / columns);
  };
}
