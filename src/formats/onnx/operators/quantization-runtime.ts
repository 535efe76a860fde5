import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { asFloat, binary, mul, unary } from './arithmetic';
import { multiplyAdd } from './matrix';
import { dequantize, quantize } from './quantization';

/** A quantised input in float; its scale and zero point are the next two inputs. */
function dequantizedInput(node: NodeContext, at: number): Value {
  const [x, scale, zero] = [node.input(at), node.weight(node.input(at + 1)), node.optional(at + 2)];
  return dequantize(node, x, scale, zero && node.weight(zero), 0);
}

function quantizedLike(node: NodeContext, y: Value, at: number): Value {
  const zero = node.optional(at + 1);
  return quantize(node, y, node.weight(node.input(at)), zero && node.weight(zero), 0, zero?.type ?? node.input(0).type);
}

const quantizedUnary =
  (operate: (node: NodeContext, x: Value) => Value): OperatorImporter =>
  (node) =>
    quantizedLike(node, operate(node, dequantizedInput(node, 0)), 3);

const quantizedBinary =
  (fn: 'add' | 'mul'): OperatorImporter =>
  (node) =>
    quantizedLike(node, binary(node, fn, dequantizedInput(node, 0), dequantizedInput(node, 3)), 6);

function quantizedConcat(node: NodeContext): Value {
  const parts = Array.from({ length: Math.ceil((node.inputCount - 2) / 3) }, (_, i) =>
    dequantizedInput(node, 2 + 3 * i),
  );
  if (parts.length === 0) node.malformed('it has nothing to join');
  const axis = node.axis(node.int('axis', 1), parts[0].shape.length);
  const zero = node.weight(node.input(1));
  const joined = node.emit('concat', parts, { axis });
  return quantize(node, joined, node.weight(node.input(0)), zero, 0, zero.type);
}

function globalAverage(node: NodeContext, x: Value): Value {
  if (node.flag('channels_last')) node.unsupported('its channels are last');
  const axes = x.shape.flatMap((_, axis) => (axis < 2 ? [] : [axis]));
  return node.emit('reduce', [x], { fn: 'mean', axes, keepDims: true });
}

/** A dense layer. Its bias counts steps of `α · aScale · bScale`. */
function quantizedGemm(node: NodeContext): Value {
  const [aScale, bScale, bias] = [node.weight(node.input(1)), node.weight(node.input(4)), node.optional(6)];
  const a = dequantizedInput(node, 0);
  const bZero = node.optional(5);
  const axis = node.flag('transB') ? 0 : 1;
  const b = dequantize(node, node.weight(node.input(3)), bScale, bZero && node.weight(bZero), axis);
  const step = mul(node, mul(node, aScale, bScale), node.float('alpha', 1));
  const y = multiplyAdd(node, a, b, bias && mul(node, asFloat(node, node.weight(bias)), step));
  return node.optional(7) ? quantizedLike(node, y, 7) : y;
}

/** Operators in the domain `com.microsoft`, which ONNX Runtime's quantiser writes beside ONNX's own. */
export const quantizedByRuntime: Readonly<Record<string, OperatorImporter>> = {
  QLinearAdd: quantizedBinary('add'),
  QLinearMul: quantizedBinary('mul'),
  QLinearConcat: quantizedConcat,
  QLinearGlobalAveragePool: quantizedUnary(globalAverage),
  QGemm: quantizedGemm,
  QLinearSigmoid: quantizedUnary((node, x) => unary(node, 'sigmoid', x)),
  QLinearLeakyRelu: quantizedUnary((node, x) => unary(node, 'leaky-relu', x, node.float('alpha', 0.01))),
};
