import { text } from '../../../operators/checks';
import { NO_EPILOGUE } from '../../../operators/epilogue';
import type { Pair } from '../../../operators/window';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { zeros } from './arithmetic';
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
};
