import * as tf from '@tensorflow/tfjs-core';
import type { GraphNode } from '../../src/graph/graph';
import type { Activation } from '../../src/operators/epilogue';
import type { UnaryAttributes } from '../../src/operators/unary';
import type { Window } from '../../src/operators/window';

/** A value of rank 4 is `[N, C, H, W]` in the Graph. `nhwc`: its memory is `[N, H, W, C]`, as TensorFlow.js wants. */
export interface Held {
  readonly tensor: tf.Tensor;
  readonly nhwc: boolean;
}

/** Where the axes N, C, H and W lie in `[N, H, W, C]`. */
const NHWC_AXES = [0, 3, 1, 2];

/** The tensor in the Graph's layout. A picture of one pixel is the same in both layouts. */
export function plain({ tensor, nhwc }: Held): tf.Tensor {
  if (!nhwc) return tensor;
  const [n, height, width, channels] = tensor.shape;
  return height * width === 1 ? tf.reshape(tensor, [n, channels, 1, 1]) : tf.transpose(tensor, NHWC_AXES);
}

const picture = ({ tensor, nhwc }: Held): tf.Tensor4D =>
  (nhwc ? tensor : tf.transpose(tensor, [0, 2, 3, 1])) as tf.Tensor4D;

const isPicture = ({ tensor }: Held): boolean => tensor.rank === 4;

/** All values in one layout: `[N, H, W, C]` if all have rank 4 and one is in that layout already. */
function alike(inputs: readonly Held[]): { tensors: tf.Tensor[]; nhwc: boolean } {
  const nhwc = inputs.every(isPicture) && inputs.some((input) => input.nhwc);
  return { tensors: inputs.map(nhwc ? picture : plain), nhwc };
}

/** One number per axis, in the order of the axes in memory. */
const moved = (perAxis: readonly number[], nhwc: boolean): number[] =>
  nhwc ? [0, 2, 3, 1].map((axis) => perAxis[axis]) : [...perAxis];

/**
 * Runs one node of an optimised Graph by TensorFlow.js's operators. `writeGraph` wrote the weights in their layout.
 *
 * @throws Error naming an operator that the benchmark's networks do not have
 */
export function runNode(node: GraphNode, inputs: readonly Held[]): Held {
  const [x] = inputs;
  switch (node.op) {
    case 'conv2d':
      return pictureOf(conv2d(node, inputs));
    case 'conv-transpose2d': {
      const { stride, padding, activation } = node.attributes;
      if (padding.some((p) => p !== 0)) break;
      const [, filter, bias] = inputs.map(({ tensor }) => tensor);
      const [n, height, width] = picture(x).shape;
      const [kernelHeight, kernelWidth, channels] = filter.shape;
      const size = [(height - 1) * stride[0] + kernelHeight, (width - 1) * stride[1] + kernelWidth] as const;
      const y = tf.conv2dTranspose(picture(x), filter as tf.Tensor4D, [n, ...size, channels], [...stride], 'valid');
      return pictureOf(activate(tf.add(y, bias), activation));
    }
    case 'dense': {
      const [a, b, bias] = inputs.map(({ tensor }) => tensor);
      const { activation } = node.attributes;
      const y = tf.fused.matMul({ a: a as tf.Tensor2D, b: b as tf.Tensor2D, transposeB: true, bias });
      return { tensor: activate(y, activation), nhwc: false };
    }
    case 'max-pool2d':
    case 'average-pool2d': {
      const { kernel, stride, ceilMode } = node.attributes;
      const pool = node.op === 'max-pool2d' ? tf.maxPool : tf.avgPool;
      const rounding = ceilMode ? 'ceil' : 'floor';
      return pictureOf(
        pool<tf.Tensor4D>(picture(x), [...kernel], [...stride], padOf(picture(x), node.attributes), rounding),
      );
    }
    case 'global-pool2d':
      return pictureOf((node.attributes.fn === 'mean' ? tf.mean : tf.max)(picture(x), [1, 2], true));
    case 'reduce': {
      const { fn, axes, keepDims } = node.attributes;
      if (fn !== 'max' || !keepDims) break;
      return { tensor: tf.max(x.tensor, x.nhwc ? axes.map((axis) => NHWC_AXES[axis]) : [...axes], true), nhwc: x.nhwc };
    }
    case 'resize2d':
      return pictureOf(resize(node, picture(x)));
    case 'concat': {
      const { tensors, nhwc } = alike(inputs);
      const { axis } = node.attributes;
      return { tensor: tf.concat(tensors, nhwc ? NHWC_AXES[axis] : axis), nhwc };
    }
    case 'binary': {
      const { tensors, nhwc } = alike(inputs);
      const { add, sub, mul, div } = tf;
      const fn = { add, sub, mul, div }[node.attributes.fn as string];
      if (!fn) break;
      return { tensor: fn(tensors[0], tensors[1]), nhwc };
    }
    case 'unary':
      return { tensor: activate(x.tensor, node.attributes), nhwc: x.nhwc };
    case 'slice': {
      const { starts, steps, sizes } = node.attributes;
      const ends = starts.map((start, i) => start + steps[i] * sizes[i]);
      const [begin, end, strides] = [starts, ends, steps].map((list) => moved(list, x.nhwc));
      return { tensor: tf.stridedSlice(x.tensor, begin, end, strides), nhwc: x.nhwc };
    }
    case 'reshape':
      return { tensor: tf.reshape(plain(x), [...node.attributes.shape]), nhwc: false };
    case 'transpose': {
      const { permutation } = node.attributes;
      // These permutations only change the layout, so that the memory stays as it is.
      if (permutation.join() === '0,2,3,1' && x.nhwc) return { tensor: x.tensor, nhwc: false };
      if (permutation.join() === '0,3,1,2' && !x.nhwc) return { tensor: x.tensor, nhwc: true };
      return { tensor: tf.transpose(plain(x), [...permutation]), nhwc: false };
    }
    case 'softmax':
      return { tensor: tf.softmax(plain(x), node.attributes.axis), nhwc: false };
  }
  throw new Error(`${node.op} "${node.name}" has no counterpart in the mapping to TensorFlow.js`);
}

const pictureOf = (tensor: tf.Tensor): Held => ({ tensor, nhwc: true });

/** Padding as TensorFlow.js takes it: equal on all sides, or 'same'. */
function padOf(x: tf.Tensor4D, { kernel, stride, dilation, padding }: Omit<Window, 'ceilMode'>): number | 'same' {
  const [before] = padding;
  if (padding.every((p) => p === before)) return before;
  const same = [0, 1].map((axis) => {
    const size = x.shape[1 + axis];
    const reach = dilation[axis] * (kernel[axis] - 1) + 1;
    return Math.max(0, (Math.ceil(size / stride[axis]) - 1) * stride[axis] + reach - size);
  });
  const expected = [...same.map((total) => Math.floor(total / 2)), ...same.map((total) => Math.ceil(total / 2))];
  if (padding.join() === expected.join()) return 'same';
  throw new Error(`padding [${padding.join(', ')}] has no counterpart in the mapping to TensorFlow.js`);
}

/** Fuses the activation where TensorFlow.js can, as its converter does. */
function conv2d({ attributes }: GraphNode<'conv2d'>, inputs: readonly Held[]): tf.Tensor {
  const { activation, residual, stride, dilation, groups } = attributes;
  const fused = residual === 'before-activation' ? undefined : FUSED[functionOf(activation)];
  const [x, filter, bias] = [picture(inputs[0]), inputs[1].tensor as tf.Tensor4D, inputs[2].tensor];
  const convolve = groups === 1 ? tf.fused.conv2d : tf.fused.depthwiseConv2d;
  const strides: [number, number] = [...stride];
  const dilations: [number, number] = [...dilation];
  const pad = padOf(x, { ...attributes, kernel: [filter.shape[0], filter.shape[1]] });
  let y: tf.Tensor = convolve({ x, filter, bias, strides, dilations, pad, activation: fused ?? 'linear' });
  if (residual === 'before-activation') y = tf.add(y, picture(inputs[3]));
  if (!fused) y = activate(y, activation);
  return residual === 'after-activation' ? tf.add(y, picture(inputs[3])) : y;
}

/** Clipping to 0..6 is ReLU6. */
const functionOf = ({ fn, alpha, beta }: UnaryAttributes): string =>
  fn === 'clip' && alpha === 0 && beta === 6 ? 'relu6' : fn;

const FUSED: Readonly<Record<string, 'linear' | 'relu' | 'relu6' | 'sigmoid'>> = {
  identity: 'linear',
  relu: 'relu',
  relu6: 'relu6',
  sigmoid: 'sigmoid',
};

function activate(x: tf.Tensor, { fn, alpha, beta }: Activation | UnaryAttributes): tf.Tensor {
  switch (fn) {
    case 'identity':
      return x;
    case 'relu':
      return tf.relu(x);
    case 'relu6':
      return tf.relu6(x);
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'exp':
      return tf.exp(x);
    case 'clip':
      return tf.clipByValue(x, alpha, beta);
    case 'silu':
      return tf.mul(x, tf.sigmoid(x));
    case 'hard-swish':
      return tf.mul(x, tf.div(tf.relu6(tf.add(x, 3)), 6));
  }
  throw new Error(`function ${fn} has no counterpart in the mapping to TensorFlow.js`);
}

function resize({ attributes, name }: GraphNode<'resize2d'>, x: tf.Tensor4D): tf.Tensor {
  const { mode, coordinates, rounding } = attributes;
  const size: [number, number] = [...attributes.size];
  if (mode === 'nearest' && coordinates === 'asymmetric' && rounding === 'floor') {
    return tf.image.resizeNearestNeighbor(x, size);
  }
  if (mode === 'linear' && (coordinates === 'half-pixel' || coordinates === 'asymmetric')) {
    return tf.image.resizeBilinear(x, size, false, coordinates === 'half-pixel');
  }
  throw new Error(`resize2d "${name}": TensorFlow.js has no ${mode} with ${coordinates} and ${rounding}`);
}
