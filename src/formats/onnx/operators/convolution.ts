import { text } from '../../../operators/checks';
import { NO_EPILOGUE } from '../../../operators/epilogue';
import type { Pair } from '../../../operators/window';
import { sizeOf } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { zeros } from './arithmetic';
import {
  type AxisWindow,
  convolveVolume,
  imageWindow,
  isVolume,
  oneHotTaps,
  spanOf,
  transposeConvolveVolume,
  volumeWindow,
} from './volume';
import {
  asImage,
  autoPadAttribute,
  overImage,
  paddingAttribute,
  pairAttribute,
  splitPadding,
  windowOf,
} from './window';

/** `Conv` on given values, so that the quantised forms share it. */
export function convolve(node: NodeContext, x: Value, weight: Value, bias: Value | undefined): Value {
  if (isVolume(x)) {
    if (weight.shape.length !== 5) node.malformed(`weight ${text(weight.shape)} does not fit the input's rank`);
    const window = volumeWindow(node, x.shape.slice(2), weight.shape.slice(2));
    return convolveVolume(node, x, weight, bias ?? zeros(node, [weight.shape[0]]), window, node.int('group', 1));
  }
  return overImage(node, x, (image) => {
    const kernel = asImage(node, weight);
    const size = kernelOf(node, kernel);
    const { stride, dilation, padding } = windowOf(node, image.shape, size);
    const inputs = [image, kernel, bias ?? zeros(node, [kernel.shape[0]])];
    return node.emit('conv2d', inputs, { ...NO_EPILOGUE, stride, dilation, padding, groups: node.int('group', 1) });
  });
}

/** The last two dimensions of a weight; `kernel_shape`, where given, has to agree. */
function kernelOf(node: NodeContext, weight: Value): Pair {
  if (weight.shape.length !== 4) node.malformed(`weight ${text(weight.shape)} does not fit the input's rank`);
  const size: Pair = [weight.shape[2], weight.shape[3]];
  const declared = node.ints('kernel_shape') ? pairAttribute(node, 'kernel_shape', 1) : size;
  if (declared[0] !== size[0] || declared[1] !== size[1]) {
    node.malformed(`kernel_shape ${text(declared)} differs from weight ${text(weight.shape)}`);
  }
  return size;
}

function conv(node: NodeContext): Value {
  const bias = node.optional(2);
  return convolve(node, node.input(0), node.weight(node.input(1)), bias && node.weight(bias));
}

function convTranspose(node: NodeContext): Value {
  const weight = node.weight(node.input(1));
  const bias = node.optional(2);
  if (isVolume(node.input(0))) return convTransposeVolume(node, node.input(0), weight, bias && node.weight(bias));
  return overImage(node, node.input(0), (image) => {
    const kernel = asImage(node, weight);
    const groups = node.int('group', 1);
    const stride = pairAttribute(node, 'strides', 1);
    const dilation = pairAttribute(node, 'dilations', 1);
    const size = kernelOf(node, kernel);
    const { padding, outputPadding } = transposedPadding(node, image, size, stride, dilation);
    const inputs = [image, kernel, bias ? node.weight(bias) : zeros(node, [kernel.shape[1] * groups])];
    return node.emit('conv-transpose2d', inputs, { ...NO_EPILOGUE, stride, dilation, padding, outputPadding, groups });
  });
}

function convTransposeVolume(node: NodeContext, x: Value, weight: Value, bias: Value | undefined): Value {
  if (weight.shape.length !== 5) node.malformed(`weight ${text(weight.shape)} does not fit the input's rank`);
  const spatial = x.shape.slice(2);
  const mode = autoPadAttribute(node);
  const extra = [...(node.ints('output_padding') ?? [0, 0, 0])];
  const wanted = node.ints('output_shape')?.slice(-3);
  const windows = volumeWindow(node, spatial, weight.shape.slice(2)).map((window, axis): AxisWindow => {
    const size = wanted?.[axis] ?? (mode.startsWith('same') ? spatial[axis] * window.stride : undefined);
    if (size === undefined) return window;
    const full = window.stride * (spatial[axis] - 1) + extra[axis] + spanOf(window);
    extra[axis] += Math.max(size - full, 0);
    const [before, after] = splitPadding(Math.max(full - size, 0), mode === 'same-upper');
    return { ...window, before, after };
  });
  const [depth, height, width] = windows;
  return transposeConvolveVolume(node, x, weight, bias, [depth, height, width], extra, node.int('group', 1));
}

/**
 * Sliding windows, as columns, put back to their places and added up where they overlap: a transposed convolution
 * whose weight puts each number where its tap of the window is.
 */
function col2Im(node: NodeContext): Value {
  const x = node.input(0);
  const image = node.integers(node.input(1), 'image shape');
  const block = node.integers(node.input(2), 'block shape');
  const rank = image.length;
  if (rank < 1 || rank > 3 || block.length !== rank || x.shape.length !== 3) {
    node.unsupported(`its image is ${text(image)}, and images have one to three axes`);
  }
  // Leading axes of length 1 make every image one of three axes.
  const spatial = (list: readonly number[] | undefined, fill: number): number[] => [
    ...Array<number>(3 - rank).fill(fill),
    ...(list ?? Array<number>(rank).fill(fill)),
  ];
  const [size, kernel] = [spatial(image, 1), spatial(block, 1)];
  const [strides, dilations] = [spatial(node.ints('strides'), 1), spatial(node.ints('dilations'), 1)];
  const pads = node.ints('pads') ?? Array<number>(2 * rank).fill(0);
  const [before, after] = [spatial(pads.slice(0, rank), 0), spatial(pads.slice(rank), 0)];
  const windows = size.map(
    (_, i): AxisWindow => ({
      kernel: kernel[i],
      stride: strides[i],
      dilation: dilations[i],
      before: before[i],
      after: after[i],
    }),
  );
  const counts = windows.map((w, i) => Math.floor((size[i] + w.before + w.after - spanOf(w)) / w.stride) + 1);
  const [batch, columns, windowCount] = x.shape;
  const taps = sizeOf(kernel);
  if (columns % taps !== 0 || windowCount !== sizeOf(counts)) {
    node.malformed(`columns ${text(x.shape)} do not fit image ${text(image)} and blocks ${text(block)}`);
  }
  const channels = columns / taps;
  // Pixels at the end that no window covers.
  const rest = windows.map((w, i) => size[i] + w.before + w.after - (w.stride * (counts[i] - 1) + spanOf(w)));
  const [depth, height, width] = windows;
  if (rank < 3) {
    const weight = oneHotTaps(node, channels, [kernel[1], kernel[2]]);
    const inputs = [node.reshape(x, [batch, columns, counts[1], counts[2]]), weight, zeros(node, [channels])];
    const { stride, dilation, padding } = imageWindow(height, width);
    const attributes = { stride, dilation, padding, outputPadding: [rest[1], rest[2]] as const, groups: channels };
    const y = node.emit('conv-transpose2d', inputs, { ...NO_EPILOGUE, ...attributes });
    return node.reshape(y, [batch, channels, ...image]);
  }
  const weight = node.reshape(oneHotTaps(node, channels, [kernel[0], kernel[1] * kernel[2]]), [columns, 1, ...kernel]);
  const volume = node.reshape(x, [batch, columns, ...counts]);
  return transposeConvolveVolume(node, volume, weight, undefined, [depth, height, width], rest, channels);
}

/**
 * Padding of a transposed convolution is cut off its output. It follows from the output size where the file gives one,
 * or where `auto_pad` asks for input × stride. If that size is larger than the uncut output, the output is padded.
 */
function transposedPadding(node: NodeContext, image: Value, kernel: Pair, stride: Pair, dilation: Pair) {
  const mode = autoPadAttribute(node);
  const outputPadding = [...pairAttribute(node, 'output_padding', 0)] as [number, number];
  const explicit = node.ints('output_shape');
  const sizes = explicit && explicit.length > 2 ? explicit.slice(2) : explicit;
  if (!sizes && (mode === 'explicit' || mode === 'valid')) {
    const padding = mode === 'valid' ? ([0, 0, 0, 0] as const) : paddingAttribute(node);
    return { padding, outputPadding };
  }
  const cut = ([0, 1] as const).map((axis): [number, number] => {
    const input = image.shape[2 + axis];
    // A single entry is the length of a signal, which lies along the width.
    const wanted = sizes ? (sizes.length === 1 ? (axis === 0 ? 1 : sizes[0]) : sizes[axis]) : input * stride[axis];
    const full = stride[axis] * (input - 1) + outputPadding[axis] + dilation[axis] * (kernel[axis] - 1) + 1;
    if (full < wanted) {
      outputPadding[axis] += wanted - full;
      return [0, 0];
    }
    return splitPadding(full - wanted, mode === 'same-upper');
  });
  return { padding: [cut[0][0], cut[1][0], cut[0][1], cut[1][1]] as const, outputPadding };
}

export const convolutions: Readonly<Record<string, OperatorImporter>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  Col2Im: col2Im,
};
