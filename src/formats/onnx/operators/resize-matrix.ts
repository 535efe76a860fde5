import type { OperatorAttributes } from '../../../operators';
import { keysKernel, roundCoordinate } from '../../../reference/resize2d';
import { Tensor } from '../../../tensor';

export interface Interpolation extends Pick<OperatorAttributes['resize2d'], 'mode' | 'rounding' | 'cubicA'> {
  readonly coordinates:
    | OperatorAttributes['resize2d']['coordinates']
    | 'half-pixel-symmetric'
    | 'tf-crop-and-resize'
    | 'tf-half-pixel-for-nn';
  /** Widens linear and cubic filters when shrinking. */
  readonly antialias: boolean;
  /** Leaves pixels beyond the edge out and scales the other weights up, instead of repeating the edge. */
  readonly excludeOutside: boolean;
  /** The value of pixels outside the picture with `tf-crop-and-resize`. */
  readonly extrapolation: number;
}

export interface AxisResize {
  readonly axis: number;
  readonly input: number;
  readonly output: number;
  readonly scale: number;
  /** Which part of the axis to take, in 0..1, for `tf-crop-and-resize`. */
  readonly roi?: readonly [start: number, end: number];
}

const MOST_ENTRIES = 2 ** 24;

/**
 * One axis's interpolation as a matrix `[input, output]`, and which outputs lie outside the input.
 * The definition is that of ONNX's operator Resize and its reference implementation.
 */
export function interpolationMatrix(
  how: Interpolation,
  axis: AxisResize,
  fail: (reason: string) => never,
): { matrix: Tensor<'float32'>; outside: number[] } {
  const { input, output } = axis;
  if (input * output > MOST_ENTRIES) fail(`resizing ${input} pixels to ${output} this way takes too large a matrix`);
  const matrix = Tensor.float32([input, output]);
  const outside: number[] = [];
  for (let i = 0; i < output; i++) {
    const at = sourceCoordinate(how, axis, i);
    if (how.coordinates === 'tf-crop-and-resize' && !(at >= 0 && at <= input - 1)) {
      outside.push(i);
      continue;
    }
    for (const { index, weight } of taps(how, axis, at)) matrix.data[index * output + i] += weight;
  }
  return { matrix, outside };
}

function sourceCoordinate(
  { coordinates }: Interpolation,
  { input, output, scale, roi }: AxisResize,
  i: number,
): number {
  // The output length before it is rounded down to whole pixels.
  const exactOutput = input * scale;
  switch (coordinates) {
    case 'half-pixel':
      return (i + 0.5) / scale - 0.5;
    case 'pytorch-half-pixel':
      return output > 1 ? (i + 0.5) / scale - 0.5 : 0;
    case 'half-pixel-symmetric':
      return (input / 2) * (1 - output / exactOutput) + (i + 0.5) / scale - 0.5;
    case 'align-corners':
      return exactOutput === 1 || i === 0 ? 0 : (i * (input - 1)) / (exactOutput - 1);
    case 'asymmetric':
      return i / scale;
    case 'tf-half-pixel-for-nn':
      return (i + 0.5) / scale;
    case 'tf-crop-and-resize': {
      const [start, end] = roi ?? [0, 1];
      if (output === 1) return 0.5 * (start + end) * (input - 1);
      return start * (input - 1) + (i * (end - start) * (input - 1)) / (output - 1);
    }
  }
}

function taps(how: Interpolation, { input, scale }: AxisResize, at: number): { index: number; weight: number }[] {
  const clamp = (index: number): number => Math.min(Math.max(index, 0), input - 1);
  if (how.mode === 'nearest') return [{ index: clamp(roundCoordinate(at, how.rounding)), weight: 1 }];
  // An anti-aliasing filter is stretched over all source pixels that one output pixel covers.
  const stretch = how.antialias ? Math.min(scale, 1) : 1;
  const radius = (how.mode === 'linear' ? 1 : 2) / stretch;
  const filter = how.mode === 'linear' ? triangle : (d: number): number => keysKernel(d, how.cubicA);
  const found: { index: number; weight: number }[] = [];
  const first = Math.max(Math.ceil(at - radius), -input);
  const last = Math.min(Math.floor(at + radius), 2 * input);
  for (let index = first; index <= last; index++) {
    const isInside = index >= 0 && index < input;
    if (isInside || !how.excludeOutside) found.push({ index: clamp(index), weight: filter((index - at) * stretch) });
  }
  const sum = found.reduce((total, tap) => total + tap.weight, 0);
  return found.map(({ index, weight }) => ({ index, weight: weight / sum }));
}

const triangle = (x: number): number => Math.max(1 - Math.abs(x), 0);
