import { text } from '../../../operators/checks';
import { NO_EPILOGUE } from '../../../operators/epilogue';
import { type Pair, type Window, windowOutput } from '../../../operators/window';
import { sizeOf, Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { INT64 } from '../types';
import { add, asFloat, binary, inFloat, mul, ones, scalar, unary, zeros, zerosAtRun } from './arithmetic';
import { isVolume, poolVolume, volumeKernel, volumeWindow } from './volume';
import { overImage, pairAttribute, windowOf } from './window';

function kernelShape(node: NodeContext): Pair {
  if (!node.ints('kernel_shape')) node.malformed('kernel_shape is missing');
  return pairAttribute(node, 'kernel_shape', 1);
}

/** Slides the node's window over an image, or over a volume. */
const pooled = (node: NodeContext, x: Value, pool: (image: Value, window: Window) => Value): Value =>
  isVolume(x)
    ? poolVolume(node, x, volumeWindow(node, x.shape.slice(2), volumeKernel(node)), pool)
    : overImage(node, x, (image) => pool(image, windowOf(node, image.shape, kernelShape(node))));

function maxPool(node: NodeContext): Value[] {
  const x = node.input(0);
  const pool = (op: 'max-pool2d' | 'max-pool2d-indices', of: Value): Value =>
    pooled(node, of, (image, window) => node.emit(op, [image], window));
  const greatest = inFloat(node, x, (of) => pool('max-pool2d', of));
  if (!node.wants(1)) return [greatest];
  const inPlane = isVolume(x) ? greatestVoxels(node, asFloat(node, x)) : pool('max-pool2d-indices', asFloat(node, x));
  return [greatest, { ...indicesInTensor(node, x.shape, inPlane), type: INT64 }];
}

/** Where the greatest voxels lie in their volume: first within each slice, then in which slice. */
function greatestVoxels(node: NodeContext, x: Value): Value {
  const [batch, channels, length, rows, columns] = x.shape;
  let slices: Value | undefined;
  const found = poolVolume(
    node,
    x,
    volumeWindow(node, [length, rows, columns], volumeKernel(node)),
    (image, window, step) => {
      const indices = node.emit('max-pool2d-indices', [image], window);
      if (step === 'depth') return indices;
      slices = indices;
      return node.emit('max-pool2d', [image], window);
    },
  );
  if (!slices) return found;
  // `found` counts in a stack of pooled slices, [D, OH · OW]; what lies there counts within a slice of H · W.
  const area = sizeOf(slices.shape.slice(2));
  const volumes = Array.from({ length: batch * channels }, (_, i) => i * length * area);
  const start = node.constant(Tensor.int32([batch, channels, 1, 1, 1], volumes), found.type);
  const inSlice = node.emit('gather', [node.reshape(slices, [sizeOf(slices.shape)]), add(node, found, start)], {
    axis: 0,
  });
  const slice = binary(node, 'div', found, scalar(node, area, found));
  return add(node, mul(node, slice, rows * columns), inSlice);
}

/** ONNX counts on from plane to plane; with `storage_order` 1 it counts within a plane by columns. */
function indicesInTensor(node: NodeContext, [batch, channels, ...spatial]: readonly number[], inPlane: Value): Value {
  const at = node.flag('storage_order') ? byColumn(node, inPlane, spatial) : inPlane;
  const shape = [batch, channels, ...spatial.map(() => 1)];
  const starts = Array.from({ length: batch * channels }, (_, plane) => plane * sizeOf(spatial));
  return add(node, at, node.constant(Tensor.int32(shape, starts), at.type));
}

/** The last axis counts slowest instead of fastest. */
function byColumn(node: NodeContext, at: Value, sizes: readonly number[]): Value {
  if (sizes.length < 2) return at;
  const [others, last] = [sizes.slice(0, -1), scalar(node, sizes[sizes.length - 1], at)];
  const rest = byColumn(node, binary(node, 'div', at, last), others);
  return add(node, mul(node, binary(node, 'mod', at, last), sizeOf(others)), rest);
}

function averagePool(node: NodeContext): Value {
  const countIncludePad = node.flag('count_include_pad');
  return pooled(node, node.input(0), (image, window) =>
    seesAll(window, image.shape)
      ? node.emit('global-pool2d', [image], { fn: 'mean' })
      : node.emit('average-pool2d', [image], { ...window, countIncludePad }),
  );
}

/** Whether the only window covers all pixels and nothing else. */
const seesAll = ({ kernel, dilation, padding }: Window, [, , ...size]: readonly number[]): boolean =>
  kernel.every((taps, axis) => taps === size[axis] && (taps === 1 || dilation[axis] === 1)) &&
  padding.every((n) => n === 0);

/** Pools over all spatial axes: they are reshaped into one. */
const globalPool =
  (pool: (node: NodeContext, image: Value) => Value): OperatorImporter =>
  (node) => {
    const x = node.input(0);
    const [batch, channels, ...spatial] = x.shape;
    if (spatial.length === 0) node.malformed(`input ${text(x.shape)} has no spatial axis`);
    const image = spatial.length === 2 ? x : node.reshape(x, [batch, channels, sizeOf(spatial), 1]);
    return node.reshape(pool(node, image), [batch, channels, ...spatial.map(() => 1)]);
  };

/** A float in opset 1, an integer since. */
const exponentOf = (node: NodeContext): number => (node.opset < 2 ? node.float('p', 2) : node.int('p', 2));

/** `(Σ |x|^p)^(1/p)` over a window; the sum is a depthwise convolution with ones. */
function lpPool(node: NodeContext): Value {
  const p = exponentOf(node);
  const sums = pooled(node, power(node, node.input(0), p), (image, window) => sumPool(node, image, window));
  return root(node, sums, p);
}

/** Sums over a window of each channel. */
function sumPool(node: NodeContext, image: Value, window: Window): Value {
  const [, channels, height, width] = image.shape;
  const { kernel, stride, dilation, padding, ceilMode } = window;
  const [top, left, bottom, right] = padding;
  // Ceil mode is more zero padding at the end.
  const extra = (axis: 0 | 1, size: number, before: number, after: number): number => {
    if (!ceilMode) return after;
    const outputs = windowOutput(size, kernel[axis], stride[axis], dilation[axis], before, after, true);
    return Math.max((outputs - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1 - size - before, after);
  };
  return node.emit('conv2d', [image, ones(node, [channels, 1, ...kernel]), zeros(node, [channels])], {
    ...NO_EPILOGUE,
    stride,
    dilation,
    padding: [top, left, extra(0, height, top, bottom), extra(1, width, left, right)],
    groups: channels,
  });
}

/**
 * Pixels at the places where max pooling found them, 0 elsewhere. The indices count in the picture that was pooled:
 * `output_shape` gives its size, as windows may not have reached its end.
 */
function maxUnpool(node: NodeContext): Value {
  const [x, indices, given] = [node.input(0), node.input(1), node.optional(2)];
  const [batch, channels, ...spatial] = x.shape;
  const rank = spatial.length;
  const kernel = node.ints('kernel_shape') ?? node.malformed('kernel_shape is missing');
  const strides = node.ints('strides') ?? spatial.map(() => 1);
  const pads = node.ints('pads') ?? spatial.flatMap(() => [0, 0]);
  const least = spatial.map((d, i) => (d - 1) * strides[i] - pads[i] - pads[i + rank] + kernel[i]);
  const size = given ? node.integers(given, 'output shape') : [batch, channels, ...least];
  if (size.length !== rank + 2 || size.some((d) => !(d >= 0))) node.malformed(`output shape ${text(size)}`);
  const count = sizeOf(x.shape);
  const inputs = [zerosAtRun(node, [sizeOf(size), 1]), node.reshape(indices, [count]), node.reshape(x, [count, 1])];
  return node.reshape(node.emit('scatter', inputs, { reduction: 'none' }), size);
}

function power(node: NodeContext, x: Value, p: number): Value {
  if (p === 2) return mul(node, x, x);
  const magnitude = unary(node, 'abs', x);
  return p === 1 ? magnitude : binary(node, 'pow', magnitude, scalar(node, p, x));
}

function root(node: NodeContext, x: Value, p: number): Value {
  if (p === 1) return x;
  return p === 2 ? unary(node, 'sqrt', x) : binary(node, 'pow', x, scalar(node, 1 / p, x));
}

function globalLpPool(node: NodeContext, image: Value): Value {
  const p = exponentOf(node);
  return root(node, node.emit('reduce', [power(node, image, p)], { fn: 'sum', axes: [2, 3], keepDims: true }), p);
}

/**
 * Local response normalisation across channels, `x / (k + α/size · Σ x²)^β`: channels become the height of an image of
 * one channel, so that one convolution gives the whole denominator. Krizhevsky et al. 2012, section 3.3.
 */
function localResponseNorm(node: NodeContext): Value {
  const x = node.input(0);
  const [batch, channels, ...spatial] = x.shape;
  const size = node.int('size', 0);
  if (size < 1) node.malformed(`size is ${size}, expected at least 1`);
  if (x.shape.length < 2) node.malformed(`input ${text(x.shape)} has no channels`);
  const squares = node.reshape(mul(node, x, x), [batch, 1, channels, sizeOf(spatial)]);
  const factor = node.float('alpha', 1e-4) / size;
  // What reaches beyond the first or the last channel, wherever it stands, is left out.
  const most = Math.max(channels - 1, 0);
  const before = Math.min(Math.floor((size - 1) / 2), most);
  const after = Math.min(Math.ceil((size - 1) / 2), most);
  const taps = before + 1 + after;
  const weights = node.table([1, 1, taps, 1]);
  weights.data.fill(factor);
  const weight = node.constant(weights);
  const bias = node.constant(Tensor.float32([1], [node.float('bias', 1)]));
  const denominator = node.emit('conv2d', [squares, weight, bias], {
    ...NO_EPILOGUE,
    stride: [1, 1],
    dilation: [1, 1],
    padding: [before, 0, after, 0],
    groups: 1,
  });
  const scale = binary(node, 'pow', denominator, scalar(node, -node.float('beta', 0.75), x));
  return mul(node, x, node.reshape(scale, x.shape));
}

export const pooling: Readonly<Record<string, OperatorImporter>> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  LpPool: lpPool,
  MaxUnpool: maxUnpool,
  GlobalAveragePool: globalPool((node, image) => node.emit('global-pool2d', [image], { fn: 'mean' })),
  GlobalMaxPool: globalPool((node, image) => node.emit('global-pool2d', [image], { fn: 'max' })),
  GlobalLpPool: globalPool(globalLpPool),
  LRN: localResponseNorm,
};
