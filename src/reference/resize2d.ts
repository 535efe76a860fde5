import type { OperatorAttributes } from '../operators';
import { Tensor } from '../tensor';
import type { Reference } from './reference';

type Resize = OperatorAttributes['resize2d'];

/** The source indices of one output row or column, and their weights. */
export interface Taps {
  readonly indices: readonly number[];
  readonly weights: readonly number[];
}

/**
 * Resizes a picture, separably: each output pixel is the weighted sum of the 1 × 1 (nearest), 2 × 2 (linear) or
 * 4 × 4 (cubic) pixels around its source coordinate; beyond the edge the edge pixel is repeated.
 * The definition is that of ONNX Resize (without anti-aliasing or `exclude_outside`), which contains PyTorch's.
 */
export const resize2d: Reference<'resize2d'> = ([x], attributes, [shape]) => {
  const [batch, channels, height, width] = x.shape;
  const rows = axisTaps(attributes, 0, height);
  const columns = axisTaps(attributes, 1, width);
  const source = x.data;
  const y = Tensor.float32(shape);
  let at = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    for (const row of rows) {
      for (const column of columns) {
        let sum = 0;
        for (let u = 0; u < row.indices.length; u++) {
          const xRow = (plane * height + row.indices[u]) * width;
          for (let v = 0; v < column.indices.length; v++) {
            sum += row.weights[u] * column.weights[v] * source[xRow + column.indices[v]];
          }
        }
        y.data[at++] = sum;
      }
    }
  }
  return y;
};

/** What each output row (axis 0) or column (axis 1) is made of. */
export function axisTaps(attributes: Resize, axis: 0 | 1, inputSize: number): Taps[] {
  const inside = (i: number): number => Math.min(Math.max(i, 0), inputSize - 1);
  const length = attributes.size[axis];
  return Array.from({ length }, (_, i) => tapsAt(sourceCoordinate(attributes, axis, inputSize, i)));

  function tapsAt(at: number): Taps {
    switch (attributes.mode) {
      case 'nearest':
        return { indices: [inside(roundCoordinate(at, attributes.rounding))], weights: [1] };
      case 'linear': {
        const first = Math.floor(inside(at));
        const t = inside(at) - first;
        return { indices: [first, inside(first + 1)], weights: [1 - t, t] };
      }
      case 'cubic': {
        const first = Math.floor(at) - 1;
        const taps = [first, first + 1, first + 2, first + 3];
        return { indices: taps.map(inside), weights: taps.map((tap) => keysKernel(at - tap, attributes.cubicA)) };
      }
    }
  }
}

/**
 * The position of output index `i` in the input, in pixels. Rounded to float32, so that whole coordinates stay whole:
 * with scale 0.6, which float32 cannot hold exactly, index 3 comes from pixel 5 and not from 4.9999998.
 */
function sourceCoordinate({ coordinates, size, scale }: Resize, axis: 0 | 1, inputSize: number, i: number): number {
  switch (coordinates) {
    case 'half-pixel':
      return Math.fround((i + 0.5) / scale[axis] - 0.5);
    case 'pytorch-half-pixel':
      return size[axis] > 1 ? Math.fround((i + 0.5) / scale[axis] - 0.5) : 0;
    case 'align-corners':
      return size[axis] > 1 ? Math.fround((i * (inputSize - 1)) / (size[axis] - 1)) : 0;
    case 'asymmetric':
      return Math.fround(i / scale[axis]);
  }
}

export function roundCoordinate(at: number, rounding: Resize['rounding']): number {
  switch (rounding) {
    case 'round-prefer-floor':
      return Math.ceil(at - 0.5);
    case 'round-prefer-ceil':
      return Math.floor(at + 0.5);
    case 'floor':
      return Math.floor(at);
    case 'ceil':
      return Math.ceil(at);
  }
}

/** The cubic convolution kernel with coefficient `a`. Keys 1981, equation 15, where a = -1/2. */
export function keysKernel(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return 0;
}
