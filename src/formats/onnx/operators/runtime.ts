import { text } from '../../../operators/checks';
import { NO_EPILOGUE } from '../../../operators/epilogue';
import { Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { add, mul, unary, zeros } from './arithmetic';
import { convolve } from './convolution';
import { matmul, multiplyAdd } from './matrix';
import { normalisedLayers, rootMeanSquareNorm } from './normalization';

/** Operators in the domain `com.microsoft`, which ONNX Runtime's optimiser writes in place of several of ONNX's own. */

/** The activation that a fused operator names, with its parameters in the order of ONNX's attributes. */
function activated(node: NodeContext, x: Value): Value {
  const name = node.has('activation') ? node.text('activation') : '';
  const parameter = (i: number, fallback: number): number => node.floats('activation_params')?.[i] ?? fallback;
  switch (name) {
    case '':
      return x;
    case 'Relu':
      return unary(node, 'relu', x);
    case 'Sigmoid':
      return unary(node, 'sigmoid', x);
    case 'Tanh':
      return unary(node, 'tanh', x);
    case 'LeakyRelu':
      return unary(
        node,
        'leaky-relu',
        x,
        node.has('activation_alpha') ? node.float('activation_alpha', 0.01) : parameter(0, 0.01),
      );
    case 'Clip':
      return unary(node, 'clip', x, parameter(0, -3.4028234663852886e38), parameter(1, 3.4028234663852886e38));
    case 'HardSigmoid':
      return unary(node, 'hard-sigmoid', x, parameter(0, 0.2), parameter(1, 0.5));
    case 'HardSwish':
      return unary(node, 'hard-swish', x);
    default:
      return node.unsupported(`its activation is ${name}`, x);
  }
}

/** The fourth input is added before the activation. */
function fusedConv(node: NodeContext): Value {
  const [bias, other] = [node.optional(2), node.optional(3)];
  const y = convolve(node, node.input(0), node.weight(node.input(1)), bias && node.weight(bias));
  return activated(node, other ? add(node, y, other) : y);
}

function fusedMatMul(node: NodeContext): Value {
  const transposed = (x: Value, flag: string, batchFlag: string): Value => {
    const rank = x.shape.length;
    let order = Array.from({ length: rank }, (_, i) => i);
    if (rank < 2) return x;
    // The batch is between rows and columns: [M, batch …, K].
    if (node.flag(batchFlag)) order = [...order.slice(1, -1), 0, rank - 1];
    if (node.flag(flag)) order = [...order.slice(0, -2), order[rank - 1], order[rank - 2]];
    return node.transpose(x, order);
  };
  const a = transposed(node.input(0), 'transA', 'transBatchA');
  const b = transposed(node.input(1), 'transB', 'transBatchB');
  const alpha = node.float('alpha', 1);
  const product = matmul(node, a, b);
  return alpha === 1 ? product : mul(node, product, alpha);
}

/** `x · sigmoid(α · x)` */
const quickGelu: OperatorImporter = (node) => unary(node, 'silu', node.input(0), node.float('alpha', 1.702));

const biased =
  (fn: 'gelu' | 'gelu-tanh'): OperatorImporter =>
  (node) => {
    const bias = node.optional(1);
    return unary(node, fn, bias ? add(node, node.input(0), bias) : node.input(0));
  };

/** Layer normalisation of a sum; the last output is the sum. */
const skipNorm =
  (isRoot: boolean): OperatorImporter =>
  (node) => {
    const [beta, bias] = isRoot ? [undefined, node.optional(3)] : [node.optional(3), node.optional(4)];
    const epsilon = node.float('epsilon', 1e-12);
    const sum = add(node, node.input(0), node.input(1));
    const whole = bias ? add(node, sum, bias) : sum;
    if (isRoot) {
      if (node.wants(1) || node.wants(2)) node.unsupported('its mean or deviation is read');
      const y = rootMeanSquareNorm(node, whole, node.input(2), epsilon);
      return [y, y, y, whole];
    }
    const [y, mean = y, deviation = y] = normalisedLayers(node, whole, node.input(2), beta, epsilon);
    return [y, mean, deviation, whole];
  };

/**
 * A dense layer whose weight `[N, K]` is stored in 4 or 8 bits, in blocks along K with a scale and a zero point each.
 * It is unpacked when the file is read.
 */
function matMulNBits(node: NodeContext): Value {
  const [a, packed, scales, zeroPoints, groups, bias] = [0, 1, 2, 3, 4, 5].map((i) => node.optional(i));
  if (!a || !packed || !scales) return node.malformed('inputs are missing');
  if (groups) node.unsupported('its columns are in groups (g_idx)');
  const [rows, columns] = [node.int('N', 0), node.int('K', 0)];
  const [bits, block] = [node.int('bits', 4), node.int('block_size', 0)];
  if (bits !== 4 && bits !== 8) node.unsupported(`its weight has ${bits} bits`);
  const blocks = Math.ceil(columns / block);
  const known = (value: Value, what: string, count: number): ArrayLike<number> => {
    const data = node.known(value)?.data ?? node.unsupported(`its ${what} must be known before the network runs`);
    if (data.length !== count) node.malformed(`${what} ${text(value.shape)} has not ${count} entries`);
    return data;
  };
  const bytesPerBlock = (block * bits) / 8;
  if (!(rows > 0 && columns > 0 && block > 0)) node.malformed(`N is ${rows}, K is ${columns}, block_size is ${block}`);
  const bytes = known(packed, 'weight', rows * blocks * bytesPerBlock);
  const scale = known(scales, 'scales', rows * blocks);
  const zeroBytes = Math.ceil((blocks * bits) / 8);
  const isPacked = zeroPoints !== undefined && !node.isFloat(zeroPoints);
  const zero = zeroPoints && known(zeroPoints, 'zero points', rows * (isPacked ? zeroBytes : blocks));
  // The lower half of a byte comes first.
  const entry = (list: ArrayLike<number>, start: number, i: number): number =>
    bits === 8 ? list[start + i] : (list[start + (i >> 1)] >> (4 * (i & 1))) & 15;
  const zeroOf = (row: number, i: number): number => {
    if (!zero) return 2 ** (bits - 1);
    return isPacked ? entry(zero, row * zeroBytes, i) : zero[row * blocks + i];
  };
  const weight = Tensor.float32([rows, columns]);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < blocks; i++) {
      const at = row * blocks + i;
      const offset = zeroOf(row, i);
      for (let j = i * block; j < Math.min((i + 1) * block, columns); j++) {
        weight.data[row * columns + j] = (entry(bytes, at * bytesPerBlock, j - i * block) - offset) * scale[at];
      }
    }
  }
  const offset = bias ? node.weight(bias) : zeros(node, [rows]);
  return node.emit('dense', [a, node.constant(weight), offset], NO_EPILOGUE);
}

export const fusedByRuntime: Readonly<Record<string, OperatorImporter>> = {
  FusedConv: fusedConv,
  FusedMatMul: fusedMatMul,
  FusedGemm: (node) => activated(node, multiplyAdd(node, node.input(0), node.input(1), node.optional(2))),
  Gelu: (node) => unary(node, 'gelu', node.input(0)),
  QuickGelu: quickGelu,
  BiasGelu: biased('gelu'),
  FastGelu: biased('gelu-tanh'),
  SkipLayerNormalization: skipNorm(false),
  SkipSimplifiedLayerNormalization: skipNorm(true),
  MatMulNBits: matMulNBits,
};
