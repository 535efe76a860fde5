import { text } from '../../../operators/checks';
import { sizeOf, Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { FLOAT, INT32, isOnnxType, type OnnxType, typeInfo, typeName, UINT8 } from '../types';
import {
  add,
  asFloat,
  binary,
  cast,
  div,
  elementTypeOf,
  inSteps,
  mul,
  roundTo,
  scalar,
  sub,
  unary,
} from './arithmetic';
import { convolve } from './convolution';
import { matmul } from './matrix';

/**
 * Quantised networks run in float32 with every rounding that their integers would have. Sums of products of 8-bit
 * numbers are exact up to 2^24, and rounded to float32 beyond.
 */

/** Lays a scale or zero point per channel along `axis` of a value of the given rank. */
function along(node: NodeContext, v: Value, axis: number, rank: number): Value {
  if (v.shape.length === 0) return v;
  if (v.shape.length > 1) return v;
  if (v.shape[0] === 1) return node.reshape(v, []);
  return node.reshape(
    v,
    Array.from({ length: rank }, (_, i) => (i === axis ? v.shape[0] : 1)),
  );
}

/** `clip(round(x / scale) + zero, range)` as an integer of `type`. */
export function quantize(
  node: NodeContext,
  x: Value,
  scale: Value,
  zero: Value | undefined,
  axis: number,
  type: OnnxType,
): Value {
  const rank = x.shape.length;
  const { range, minifloat } = typeInfo(type);
  const saturate = node.flag('saturate', true);
  const isExact = x.steps && isOneNumber(node, x.steps.scale, scale);
  const scaled = isExact ? x.steps.whole : div(node, x, along(node, scale, axis, rank));
  // The zero point of a float is 0.
  if (minifloat) return roundTo(node, scaled, type, saturate);
  if (!range) return node.unsupported(`it quantises to ${typeName(type)}`);
  const steps = unary(node, 'round', scaled);
  const shifted = zero ? add(node, steps, along(node, asFloat(node, zero), axis, rank)) : steps;
  return cast(node, unary(node, 'clip', shifted, ...range), type);
}

/** `(x - zero) · scale` in float32. */
export function dequantize(node: NodeContext, x: Value, scale: Value, zero: Value | undefined, axis: number): Value {
  const constant = dequantizedConstant(node, x, scale, zero, axis);
  if (constant) return constant;
  const whole = shifted(node, x, zero, axis);
  const size = along(node, asFloat(node, scale), axis, x.shape.length);
  return size.shape.length === 0 ? inSteps(node, whole, size) : mul(node, whole, size);
}

/** Whether two scales are one number on every run. */
function isOneNumber(node: NodeContext, a: Value, b: Value): boolean {
  if (sizeOf(a.shape) !== 1 || sizeOf(b.shape) !== 1) return false;
  const [x, y] = [node.known(a), node.known(b)];
  return x !== undefined && y !== undefined && x.data[0] === y.data[0];
}

/** The same for constants, in one pass, since networks have millions of weights. */
function dequantizedConstant(
  node: NodeContext,
  x: Value,
  scale: Value,
  zero: Value | undefined,
  axis: number,
): Value | undefined {
  if (![x, scale, zero].every((value) => !value || node.isConstant(value))) return undefined;
  const [values, scales, zeros] = [x, scale, zero].map((value) => value && node.known(value)?.data);
  const fits = (list: ArrayLike<number> | undefined): boolean =>
    !list || list.length === 1 || list.length === x.shape[axis];
  if (!values || !scales || scale.shape.length > 1 || !fits(scales) || !fits(zeros)) return undefined;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const channels = x.shape[axis] ?? 1;
  const result = Tensor.float32(x.shape);
  for (let i = 0; i < result.size; i++) {
    const channel = Math.floor(i / inner) % channels;
    const offset = zeros ? zeros[zeros.length === 1 ? 0 : channel] : 0;
    result.data[i] = (values[i] - offset) * scales[scales.length === 1 ? 0 : channel];
  }
  return node.constant(result, FLOAT);
}

/** `x - zero` in float32. */
function shifted(node: NodeContext, x: Value, zero: Value | undefined, axis: number): Value {
  const float = asFloat(node, x);
  return zero ? sub(node, float, along(node, asFloat(node, zero), axis, x.shape.length)) : float;
}

/** Scales or zero points of blocks along an axis, repeated for each element of a block. */
function unblocked(node: NodeContext, v: Value, x: Value): Value {
  const block = node.int('block_size', 0);
  if (block === 0) return v;
  const axis = node.axis(node.int('axis', 1), x.shape.length);
  const length = x.shape[axis];
  const fits = v.shape.length === x.shape.length && v.shape[axis] === Math.ceil(length / block);
  if (!(block > 0 && fits)) node.malformed(`block_size ${block} does not fit ${text(v.shape)} and ${text(x.shape)}`);
  const repeated = node.expand(
    node.reshape(v, v.shape.toSpliced(axis + 1, 0, 1)),
    v.shape.toSpliced(axis + 1, 0, block),
  );
  const whole = node.reshape(repeated, v.shape.with(axis, v.shape[axis] * block));
  const sizes = whole.shape.with(axis, length);
  const [starts, steps] = [sizes.map(() => 0), sizes.map(() => 1)];
  return whole.shape[axis] === length ? whole : node.emit('slice', [whole], { starts, steps, sizes });
}

function axisOf(node: NodeContext, x: Value, scale: Value): number {
  const axis = node.int('axis', 1);
  if (node.int('block_size', 0) !== 0) return 0;
  return scale.shape.length === 0 || scale.shape[0] === 1 ? 0 : node.axis(axis, x.shape.length);
}

function quantizeLinear(node: NodeContext): Value {
  const [x, scale, zero] = [asFloat(node, node.input(0)), asFloat(node, node.input(1)), node.optional(2)];
  const asked = node.int('output_dtype', 0) || (zero?.type ?? UINT8);
  if (!isOnnxType(asked)) return node.unsupported(`it quantises to ${typeName(asked)}`);
  const points = zero && unblocked(node, zero, x);
  return quantize(node, x, unblocked(node, scale, x), points, axisOf(node, x, scale), asked);
}

function dequantizeLinear(node: NodeContext): Value {
  const [x, scale, zero] = [node.input(0), node.input(1), node.optional(2)];
  const points = zero && unblocked(node, zero, x);
  const y = dequantize(node, x, unblocked(node, scale, x), points, axisOf(node, x, scale));
  return { ...y, type: node.int('output_dtype', 0) === 0 ? scale.type : elementTypeOf(node, 'output_dtype', FLOAT) };
}

/** Scale and zero point come from the input's own range, extended to hold 0. */
function dynamicQuantizeLinear(node: NodeContext): readonly Value[] {
  const x = node.input(0);
  const axes = x.shape.map((_, axis) => axis);
  const none = scalar(node, 0, x);
  const least = binary(node, 'min', node.emit('reduce', [x], { fn: 'min', axes, keepDims: false }), none);
  const most = binary(node, 'max', node.emit('reduce', [x], { fn: 'max', axes, keepDims: false }), none);
  const range = sub(node, most, least);
  // Any scale represents zeros; ONNX Runtime takes 1.
  const isZero = binary(node, 'equal', range, none);
  const scale = node.emit('where', [isZero, scalar(node, 1, x), div(node, range, 255)], {});
  const zero = cast(
    node,
    unary(node, 'clip', unary(node, 'round', unary(node, 'neg', div(node, least, scale))), 0, 255),
    UINT8,
  );
  return [quantize(node, x, scale, zero, 0, UINT8), scale, zero];
}

const toInteger = (node: NodeContext, x: Value): Value => cast(node, unary(node, 'round', x), INT32);

function convInteger(node: NodeContext): Value {
  const [x, weight] = [node.input(0), node.weight(node.input(1))];
  const zero = node.optional(3);
  const kernel = shifted(node, weight, zero && node.weight(zero), 0);
  return toInteger(node, convolve(node, shifted(node, x, node.optional(2), 1), kernel, undefined));
}

function matMulInteger(node: NodeContext): Value {
  const [a, b, zeroA, zeroB] = [node.input(0), node.input(1), node.optional(2), node.optional(3)];
  // Zero points are per row of A, per column of B.
  const rows = shifted(node, a, zeroA, a.shape.length - 2);
  return toInteger(node, matmul(node, rows, shifted(node, b, zeroB, b.shape.length - 1)));
}

function qLinearConv(node: NodeContext): Value {
  const [x, xScale, xZero, w, wScale, wZero, yScale, yZero] = Array.from({ length: 8 }, (_, i) =>
    node.weight(node.input(i)),
  );
  const kernel = dequantize(node, w, wScale, wZero, 0);
  const bias = node.optional(8);
  const product = mul(node, xScale, wScale);
  const offset =
    bias &&
    mul(node, asFloat(node, node.weight(bias)), product.shape.length === 1 ? product : node.reshape(product, []));
  const y = convolve(node, dequantize(node, x, xScale, xZero, 1), kernel, offset);
  return quantize(node, y, yScale, yZero, 1, yZero.type);
}

function qLinearMatMul(node: NodeContext): Value {
  const [a, aScale, aZero, b, bScale, bZero, yScale, yZero] = Array.from({ length: 8 }, (_, i) =>
    node.weight(node.input(i)),
  );
  const rows = dequantize(node, a, aScale, aZero, a.shape.length - 2);
  const columns = dequantize(node, b, bScale, bZero, b.shape.length - 1);
  return quantize(node, matmul(node, rows, columns), yScale, yZero, 0, yZero.type);
}

export const quantized: Readonly<Record<string, OperatorImporter>> = {
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
  ConvInteger: convInteger,
  MatMulInteger: matMulInteger,
  QLinearConv: qLinearConv,
  QLinearMatMul: qLinearMatMul,
};
