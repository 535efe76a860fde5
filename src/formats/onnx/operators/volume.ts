import { text } from '../../../operators/checks';
import { NO_EPILOGUE } from '../../../operators/epilogue';
import { type Pair, type Window, windowOutput } from '../../../operators/window';
import { sizeOf, Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext } from '../node-context';
import { zeros } from './arithmetic';
import { autoPadAttribute, splitPadding } from './window';

/**
 * Convolution and pooling over volumes `[N, C, D, H, W]`, as networks for videos and scans have them. Each becomes
 * operators over images: the depth is gathered into channels, or follows height and width as a second step.
 */

/** A window along one axis. */
export interface AxisWindow {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

export type VolumeWindow = readonly [depth: AxisWindow, height: AxisWindow, width: AxisWindow];

export const isVolume = (x: Value): boolean => x.shape.length === 5;

export const spanOf = ({ kernel, dilation }: AxisWindow): number => dilation * (kernel - 1) + 1;

function tripleAttribute(node: NodeContext, name: string, fallback: number, length = 3): readonly number[] {
  const list = node.ints(name) ?? Array<number>(length).fill(fallback);
  if (list.length !== length) node.malformed(`${name} ${text(list)} must have ${length} entries`);
  return list;
}

export function volumeWindow(node: NodeContext, spatial: readonly number[], kernel: readonly number[]): VolumeWindow {
  const strides = tripleAttribute(node, 'strides', 1);
  const dilations = tripleAttribute(node, 'dilations', 1);
  const pads = tripleAttribute(node, 'pads', 0, 6);
  const mode = autoPadAttribute(node);
  const along = (axis: number): AxisWindow => {
    const window = { kernel: kernel[axis], stride: strides[axis], dilation: dilations[axis] };
    if (mode === 'explicit') return { ...window, before: pads[axis], after: pads[axis + 3] };
    if (mode === 'valid') return { ...window, before: 0, after: 0 };
    const outputs = Math.ceil(spatial[axis] / window.stride);
    const span = spanOf({ ...window, before: 0, after: 0 });
    const total = Math.max((outputs - 1) * window.stride + span - spatial[axis], 0);
    const [before, after] = splitPadding(total, mode === 'same-upper');
    return { ...window, before, after };
  };
  return [along(0), along(1), along(2)];
}

export function volumeKernel(node: NodeContext): readonly number[] {
  if (!node.ints('kernel_shape')) node.malformed('kernel_shape is missing');
  return tripleAttribute(node, 'kernel_shape', 1);
}

/** Two axis windows as the window of an image operator. */
export const imageWindow = (height: AxisWindow, width: AxisWindow, ceilMode = false): Window => ({
  kernel: [height.kernel, width.kernel],
  stride: [height.stride, width.stride],
  dilation: [height.dilation, width.dilation],
  padding: [height.before, width.before, height.after, width.after],
  ceilMode,
});

const STILL: AxisWindow = { kernel: 1, stride: 1, dilation: 1, before: 0, after: 0 };
const isStill = ({ kernel, stride, before, after }: AxisWindow): boolean =>
  kernel === 1 && stride === 1 && before === 0 && after === 0;

/** Pools over height and width first, then over depth: a maximum or mean over a box is one of maxima or means. */
export function poolVolume(
  node: NodeContext,
  x: Value,
  [depth, height, width]: VolumeWindow,
  pool: (image: Value, window: Window, step: 'slices' | 'depth') => Value,
): Value {
  const [batch, channels, length, rows, columns] = x.shape;
  const ceilMode = node.flag('ceil_mode') && autoPadAttribute(node) !== 'same-upper';
  const image = node.reshape(x, [batch, channels * length, rows, columns]);
  const flat = [height, width].every(isStill) ? image : pool(image, imageWindow(height, width, ceilMode), 'slices');
  const [high, wide] = flat.shape.slice(2);
  const stack = node.reshape(flat, [batch, channels, length, high * wide]);
  const y = pool(stack, imageWindow(depth, STILL, ceilMode), 'depth');
  return node.reshape(y, [batch, channels, y.shape[2], high, wide]);
}

/** x `[N, C, D, H, W]`, weight `[O, C/groups, KD, KH, KW]`, bias `[O]` */
export function convolveVolume(
  node: NodeContext,
  x: Value,
  weight: Value,
  bias: Value,
  [depth, height, width]: VolumeWindow,
  groups: number,
): Value {
  const [batch, channels, length, rows, columns] = x.shape;
  const [outputs, perGroup] = weight.shape;
  const size = windowOutput(length, depth.kernel, depth.stride, depth.dilation, depth.before, depth.after);
  if (size < 1) node.malformed(`its kernel ${text(weight.shape)} does not fit into ${text(x.shape)}`);
  const padded =
    depth.before === 0 && depth.after === 0
      ? x
      : node.emit('pad', [x], {
          mode: 'constant',
          before: [0, 0, depth.before, 0, 0],
          after: [0, 0, depth.after, 0, 0],
          value: 0,
        });
  // The slices that each output slice sees, [OD, KD], become channels of an image per output slice.
  const seen = Array.from({ length: size * depth.kernel }, (_, i) => {
    const tap = i % depth.kernel;
    return Math.floor(i / depth.kernel) * depth.stride + tap * depth.dilation;
  });
  const at = node.constant(Tensor.int32([size, depth.kernel], seen));
  const gathered = node.transpose(node.emit('gather', [padded, at], { axis: 2 }), [0, 2, 1, 3, 4, 5]);
  const image = node.reshape(gathered, [batch * size, channels * depth.kernel, rows, columns]);
  const kernel = node.reshape(weight, [outputs, perGroup * depth.kernel, height.kernel, width.kernel]);
  const { stride, dilation, padding } = imageWindow(height, width);
  const y = node.emit('conv2d', [image, kernel, bias], { ...NO_EPILOGUE, stride, dilation, padding, groups });
  const [high, wide] = y.shape.slice(2);
  return node.transpose(node.reshape(y, [batch, size, outputs, high, wide]), [0, 2, 1, 3, 4]);
}

/** A weight that puts each of `taps` channels where its tap of the window is. */
export function oneHotTaps(node: NodeContext, channels: number, kernel: Pair): Value {
  const taps = sizeOf(kernel);
  const weight = node.table([channels * taps, 1, ...kernel]);
  for (let i = 0; i < channels * taps; i++) weight.data[i * taps + (i % taps)] = 1;
  return node.constant(weight);
}

/** x `[N, C, D, H, W]`, weight `[C, O/groups, KD, KH, KW]`, bias `[O]`; `before` and `after` are cut off the output */
export function transposeConvolveVolume(
  node: NodeContext,
  x: Value,
  weight: Value,
  bias: Value | undefined,
  [depth, height, width]: VolumeWindow,
  outputPadding: readonly number[],
  groups: number,
): Value {
  const [batch, channels, length, rows, columns] = x.shape;
  const outputs = weight.shape[1] * groups;
  const common = { ...NO_EPILOGUE, groups };
  const attributes = (window: Window, extra: Pair) => ({
    stride: window.stride,
    dilation: window.dilation,
    padding: window.padding,
    outputPadding: extra,
  });
  // Each slice of the input gives KD slices, as channels; the second step adds them up where they overlap.
  const slices = node.reshape(node.transpose(x, [0, 2, 1, 3, 4]), [batch * length, channels, rows, columns]);
  const kernel = node.reshape(weight, [channels, weight.shape[1] * depth.kernel, height.kernel, width.kernel]);
  const flat = node.emit('conv-transpose2d', [slices, kernel, zeros(node, [outputs * depth.kernel])], {
    ...common,
    ...attributes(imageWindow(height, width), [outputPadding[1], outputPadding[2]]),
  });
  const [high, wide] = flat.shape.slice(2);
  const parts = node.transpose(node.reshape(flat, [batch, length, outputs * depth.kernel, high * wide]), [0, 2, 1, 3]);
  const y = node.emit(
    'conv-transpose2d',
    [parts, oneHotTaps(node, outputs, [depth.kernel, 1]), bias ?? zeros(node, [outputs])],
    { ...common, groups: outputs, ...attributes(imageWindow(depth, STILL), [outputPadding[0], 0]) },
  );
  return node.reshape(y, [batch, outputs, y.shape[2], high, wide]);
}
