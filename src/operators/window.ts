import type { Shape } from '../tensor';
import { check, checkNotNegative, checkPositive, text } from './checks';
import type { Sight } from './operator';

export type Pair = readonly [height: number, width: number];
/** Zero padding in pixels on each side. */
export type Padding = readonly [top: number, left: number, bottom: number, right: number];

/** A window that slides over an image. */
export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly padding: Padding;
  readonly ceilMode: boolean;
}

type Slide = Omit<Window, 'kernel' | 'ceilMode'>;

/** Output length of a window slid along one axis. Dumoulin and Visin 2016, relationships 6 and 15. */
export function windowOutput(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  before: number,
  after: number,
  ceilMode = false,
): number {
  const span = size + before + after - dilation * (kernel - 1) - 1;
  let output = (ceilMode ? Math.ceil(span / stride) : Math.floor(span / stride)) + 1;
  // A window that would start in the padding behind the picture is dropped, as PyTorch and ONNX do.
  if (ceilMode && (output - 1) * stride >= size + before) output--;
  return output;
}

export function windowShape(x: Shape, channels: number, kernel: Pair, slide: Slide, ceilMode = false): number[] {
  const { stride, dilation, padding } = slide;
  checkPositive(kernel, 'kernel');
  checkPositive(stride, 'stride');
  checkPositive(dilation, 'dilation');
  checkNotNegative(padding, 'padding');
  const [height, width] = ([0, 1] as const).map((i) =>
    windowOutput(x[2 + i], kernel[i], stride[i], dilation[i], padding[i], padding[2 + i], ceilMode),
  );
  check(
    height > 0 && width > 0,
    `kernel ${text(kernel)} with dilation ${text(dilation)} does not fit into ${text(x)} with padding ${text(padding)}`,
  );
  return [x[0], channels, height, width];
}

/** How many taps of a window that begins at `start` lie before `end`: a file may ask for billions around a picture. */
export const tapsBefore = (end: number, start: number, dilation: number, kernel: number): number =>
  Math.min(Math.max(Math.ceil((end - start) / dilation), 0), kernel);

/** The receptive field of a window; it may reach beyond the image, into padding. */
export const throughWindow =
  (kernel: readonly number[], { stride, dilation, padding }: Slide): Sight =>
  ([first, last], axis) => {
    const start = (at: number): number => at * stride[axis] - padding[axis];
    return [start(first), start(last) + dilation[axis] * (kernel[axis] - 1)];
  };
