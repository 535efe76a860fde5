import type { OperatorAttributes } from '../operators';
import { Tensor } from '../tensor';
import type { Reference } from './reference';
import { keysKernel, type Taps } from './resize2d';
import { roundHalfToEven } from './unary';

type GridSample = OperatorAttributes['grid-sample'];

/** Coordinates are clamped to this many pixels from 0. NaN becomes the least of them. */
const FARTHEST = 2 ** 20;

/** Keys's coefficient, as in PyTorch and ONNX Runtime. */
const CUBIC = -0.75;

/**
 * Samples a picture at the points of a grid, where -1 to 1 spans the picture, as `torch.nn.functional.grid_sample` and
 * ONNX GridSample do. Nearest and linear pad the sampled coordinate, cubic pads each pixel that it reads.
 */
export const gridSample: Reference<'grid-sample'> = ([x, grid], attributes, [shape]) => {
  const [batch, channels, height, width] = x.shape;
  const points = shape[2] * shape[3];
  const y = Tensor.float32(shape);
  for (let n = 0; n < batch; n++) {
    for (let p = 0; p < points; p++) {
      const at = (n * points + p) * 2;
      const columns = axisTaps(grid.data[at], width, attributes);
      const rows = axisTaps(grid.data[at + 1], height, attributes);
      for (let c = 0; c < channels; c++) {
        const plane = n * channels + c;
        let sum = 0;
        for (const [u, row] of rows.indices.entries()) {
          for (const [v, column] of columns.indices.entries()) {
            const inside = row >= 0 && row < height && column >= 0 && column < width;
            const pixel = inside ? x.data[(plane * height + row) * width + column] : 0;
            sum += rows.weights[u] * columns.weights[v] * pixel;
          }
        }
        y.data[plane * points + p] = sum;
      }
    }
  }
  return y;
};

/** The pixels of one axis that a sample reads, and their weights. An index outside the picture reads zero. */
function axisTaps(coordinate: number, size: number, attributes: GridSample): Taps {
  const { mode, alignCorners } = attributes;
  const unclamped = alignCorners ? ((coordinate + 1) / 2) * (size - 1) : ((coordinate + 1) * size - 1) / 2;
  const at = Number.isNaN(unclamped) ? -FARTHEST : Math.min(Math.max(unclamped, -FARTHEST), FARTHEST);
  switch (mode) {
    case 'nearest':
      return { indices: [roundHalfToEven(pad(at, size, attributes))], weights: [1] };
    case 'linear': {
      const inside = pad(at, size, attributes);
      const first = Math.floor(inside);
      return { indices: [first, first + 1], weights: [1 - (inside - first), inside - first] };
    }
    case 'cubic': {
      const first = Math.floor(at);
      const taps = [first - 1, first, first + 1, first + 2];
      return {
        indices: taps.map((tap) => pad(tap, size, attributes)),
        weights: taps.map((tap) => keysKernel(at - tap, CUBIC)),
      };
    }
  }
}

/** The coordinate, in pixels, that a coordinate reads. With zero padding it may lie outside the picture. */
function pad(at: number, size: number, { padding, alignCorners }: GridSample): number {
  const clamp = (i: number): number => Math.min(Math.max(i, 0), size - 1);
  switch (padding) {
    case 'zeros':
      return at;
    case 'border':
      return clamp(at);
    case 'reflection': {
      const first = alignCorners ? 0 : -0.5;
      const length = alignCorners ? size - 1 : size;
      if (length === 0) return 0;
      // A triangle wave: the picture continues backwards beyond its ends, then forwards again.
      const distance = Math.abs(at - first) % (2 * length);
      return clamp(Math.min(distance, 2 * length - distance) + first);
    }
  }
}
