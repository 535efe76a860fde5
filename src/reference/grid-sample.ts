import { ArgumentError } from '../errors';
import type { OperatorAttributes } from '../operators';
import { Tensor } from '../tensor';
import type { Reference } from './reference';

type GridSample = OperatorAttributes['grid-sample'];

/** The pixels of one axis that a sample reads, and their weights. An index outside the picture reads zero. */
interface Taps {
  readonly indices: readonly number[];
  readonly weights: readonly number[];
}

/** Coordinates are clamped to so many pixels, and NaN becomes minus as many. */
const FARTHEST = 2 ** 20;

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

function axisTaps(coordinate: number, size: number, attributes: GridSample): Taps {
  const { mode, alignCorners } = attributes;
  const unclamped = alignCorners ? ((coordinate + 1) / 2) * (size - 1) : ((coordinate + 1) * size - 1) / 2;
  const at = Number.isNaN(unclamped) ? -FARTHEST : Math.min(Math.max(unclamped, -FARTHEST), FARTHEST);
  switch (mode) {
    case 'nearest':
      return { indices: [roundToEven(pad(at, size, attributes))], weights: [1] };
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
        weights: taps.map((tap) => keysKernel(Math.abs(at - tap))),
      };
    }
    default:
      throw new ArgumentError(`unknown grid-sample mode ${mode satisfies never}`);
  }
}

/** Where a coordinate, in pixels, reads the picture. With zeros it may stay outside. */
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
    default:
      throw new ArgumentError(`unknown grid-sample padding ${padding satisfies never}`);
  }
}

/** Halves go to the even neighbour, as in PyTorch and ONNX Runtime. */
function roundToEven(at: number): number {
  const floor = Math.floor(at);
  const fraction = at - floor;
  return floor + (fraction > 0.5 || (fraction === 0.5 && floor % 2 !== 0) ? 1 : 0);
}

/** The cubic convolution kernel with a = -3/4. Keys 1981, equation 15. */
function keysKernel(distance: number): number {
  const a = -0.75;
  if (distance <= 1) return ((a + 2) * distance - (a + 3)) * distance ** 2 + 1;
  return distance < 2 ? (((distance - 5) * distance + 8) * distance - 4) * a : 0;
}
