import type { Activation, Epilogue } from '../operators/epilogue';
import { unaryFunction } from '../reference/unary';
import type { Shape, Tensor } from '../tensor';

/** Stores sums as a convolution's output: adds bias and residual, applies the activation. */
export interface Store {
  /** `y[at + i] = epilogue(sums[from + i])`, i < count, of one channel; `plane` is where the channel's plane starts. */
  row(sums: Float32Array, from: number, count: number, channel: number, plane: number, pixel: number): void;
}

/** Activations that are bounds alone: most networks have no others, and comparing is cheaper than calling. */
function boundsOf({ fn, alpha, beta }: Activation): readonly [low: number, high: number] | undefined {
  switch (fn) {
    case 'identity':
      return [-Infinity, Infinity];
    case 'relu':
      return [0, Infinity];
    case 'relu6':
      return [0, 6];
    case 'clip':
      // Crossed bounds give the upper one, whichever the value.
      return alpha <= beta ? [alpha, beta] : undefined;
    default:
      return undefined;
  }
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
  const activate = unaryFunction(activation);
  const [low, high] = bounds ?? [0, 0];
  if (!residual && bounds) {
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
  if (!residual) {
    return {
      row(sums, from, count, channel, plane, pixel) {
        const shift = bias[channel];
        for (let at = plane + pixel, end = at + count; at < end; at++, from++) out[at] = activate(sums[from] + shift);
      },
    };
  }
  const added = residual.data as Float32Array;
  const before = order === 'before-activation';
  const offsetOf = residual.size === y.size ? undefined : repeatedOffset(residual.shape, y.shape);
  return {
    row(sums, from, count, channel, plane, pixel) {
      const shift = bias[channel];
      for (let i = 0; i < count; i++) {
        const at = plane + pixel + i;
        const r = added[offsetOf ? offsetOf(plane, pixel + i) : at];
        const v = sums[from + i] + shift;
        if (!bounds) {
          out[at] = before ? activate(v + r) : activate(v) + r;
          continue;
        }
        const w = before ? v + r : v;
        const clipped = w < low ? low : w > high ? high : w;
        out[at] = before ? clipped : clipped + r;
      }
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
