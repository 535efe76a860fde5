import { ShapeError } from '../errors';
import { type Shape, sameShape } from '../tensor';
import type { ValueInfo } from './graph';
import { FUSABLE_ACTIVATIONS, type Operator, type OperatorAttributes, type Pair, type Window } from './operators';

export type Rule<O extends Operator> = (inputs: readonly ValueInfo[], attributes: OperatorAttributes[O]) => ValueInfo[];

export type RuleTable = { readonly [O in Operator]?: Rule<O> };

export const text = (shape: Shape): string => `[${shape.join(', ')}]`;

export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ShapeError(message);
}

export function checkRank(shape: Shape, rank: number, what: string): void {
  check(shape.length === rank, `${what} must have rank ${rank}, got ${text(shape)}`);
}

export function checkAxis(axis: number, rank: number): void {
  check(Number.isInteger(axis) && axis >= 0 && axis < rank, `axis ${axis} is outside 0..${rank - 1}`);
}

export function checkPositive(pair: readonly number[], what: string): void {
  check(
    pair.every((v) => Number.isInteger(v) && v > 0),
    `${what} must be positive integers, got ${text(pair)}`,
  );
}

export function checkNotNegative(values: readonly number[], what: string): void {
  check(
    values.every((v) => Number.isInteger(v) && v >= 0),
    `${what} must be non-negative integers, got ${text(values)}`,
  );
}

export const float = (shape: Shape): ValueInfo => ({ shape, dtype: 'float32' });

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

export function windowShape(x: Shape, channels: number, kernel: Pair, w: Omit<Window, 'kernel'>): number[] {
  checkPositive(kernel, 'kernel');
  checkPositive(w.stride, 'stride');
  checkPositive(w.dilation, 'dilation');
  checkNotNegative(w.padding, 'padding');
  const [top, left, bottom, right] = w.padding;
  const height = windowOutput(x[2], kernel[0], w.stride[0], w.dilation[0], top, bottom, w.ceilMode);
  const width = windowOutput(x[3], kernel[1], w.stride[1], w.dilation[1], left, right, w.ceilMode);
  check(
    height > 0 && width > 0,
    `kernel ${text(kernel)} with dilation ${text(w.dilation)} does not fit into ${text(x)} with padding ${text(w.padding)}`,
  );
  return [x[0], channels, height, width];
}

/** @param repeats whether the pixels of a residual that is smaller by whole factors are repeated */
export function checkEpilogue(
  inputs: readonly ValueInfo[],
  output: Shape,
  channels: number,
  e: OperatorAttributes['dense'],
  repeats = false,
): void {
  check(sameShape(inputs[2].shape, [channels]), `bias must have shape [${channels}], got ${text(inputs[2].shape)}`);
  check(FUSABLE_ACTIVATIONS.includes(e.activation.fn), `activation ${e.activation.fn} cannot be fused`);
  check(
    (e.residual !== 'none') === inputs.length > 3,
    `residual is '${e.residual}' but there are ${inputs.length} inputs`,
  );
  if (inputs.length > 3) {
    const { shape } = inputs[3];
    const isFraction =
      shape.length === 4 && shape.every((d, axis) => (axis < 2 ? d === output[axis] : output[axis] % d === 0));
    check(
      sameShape(shape, output) || (repeats && isFraction),
      `residual ${text(shape)} must have the output's shape ${text(output)}${repeats ? ', or a whole fraction of its height and width' : ''}`,
    );
  }
}

export function checkVector(input: ValueInfo, size: number, what: string): void {
  check(sameShape(input.shape, [size]), `${what} must have shape [${size}], got ${text(input.shape)}`);
}
