import type { BinaryFunction } from '../../../operators/binary';
import { NO_ACTIVATION } from '../../../operators/epilogue';
import type { UnaryFunction } from '../../../operators/unary';
import { Tensor } from '../../../tensor';
import { elementBytes } from '../../elements';
import type { Value } from '../graph-writer';
import { greatestOf } from '../minifloat';
import type { NodeContext } from '../node-context';
import { BOOL, FLOAT, INT32, isOnnxType, type OnnxType, typeInfo, typeName } from '../types';

/** Shorthands for arithmetic on values, used by every family of operators. */

export const unary = (node: NodeContext, fn: UnaryFunction, x: Value, alpha = 0, beta = 0): Value =>
  node.emit('unary', [x], { ...NO_ACTIVATION, fn, alpha, beta });

export const binary = (node: NodeContext, fn: BinaryFunction, a: Value, b: Value): Value =>
  node.emit('binary', [a, b], { fn });

/** A constant of rank 0 of the same Graph type as `like`. */
export function scalar(node: NodeContext, value: number, like: Value): Value {
  const { dtype } = typeInfo(like.type);
  return node.constant(dtype === 'int32' ? Tensor.int32([], [value]) : Tensor.float32([], [value]), like.type);
}

export const add = (node: NodeContext, a: Value, b: Value | number): Value => withScalar(node, 'add', a, b);
export const sub = (node: NodeContext, a: Value, b: Value | number): Value => withScalar(node, 'sub', a, b);
export const mul = (node: NodeContext, a: Value, b: Value | number): Value => withScalar(node, 'mul', a, b);
export const div = (node: NodeContext, a: Value, b: Value | number): Value => withScalar(node, 'div', a, b);

/** Steps of one size, which stay known: what follows may compute with them, and multiply afterwards. */
export const inSteps = (node: NodeContext, whole: Value, scale: Value): Value => ({
  ...mul(node, whole, scale),
  steps: { whole, scale },
});

function withScalar(node: NodeContext, fn: BinaryFunction, a: Value, b: Value | number): Value {
  return binary(node, fn, a, typeof b === 'number' ? scalar(node, b, a) : b);
}

/**
 * Converts to another ONNX type. Between wide float types nothing happens, since all are computed in float32. A narrower integer type keeps the low bits, as C does.
 */
export function cast(node: NodeContext, x: Value, type: OnnxType): Value {
  const from = typeInfo(x.type).dtype;
  const to = typeInfo(type).dtype;
  if (typeInfo(type).minifloat && x.type !== type) return roundTo(node, asFloat(node, x), type, true);
  if (from === to) return to === 'int32' && !contains(type, x.type) ? wrap(node, x, type) : { ...x, type };
  return node.emit('cast', [x], { to }, type);
}

/**
 * Rounds to a float type of 8 bits or fewer, ties to even.
 *
 * @param saturate whether what is too large becomes the greatest number, and not infinity or NaN
 */
export function roundTo(node: NodeContext, x: Value, type: OnnxType, saturate: boolean): Value {
  const { minifloat: format, name } = typeInfo(type);
  if (!format) return { ...x, type };
  if (format.kind === 'power') return node.unsupported(`it rounds to ${name}`);
  // The distance of neighbours follows from the exponent. Where the logarithm is rounded across a power of two, both
  // distances give that power.
  const least = 1 - format.bias;
  const most = Math.floor(Math.log2(greatestOf(format)));
  const exponent = unary(node, 'floor', mul(node, unary(node, 'log', unary(node, 'abs', x)), Math.LOG2E));
  const index = cast(node, sub(node, unary(node, 'clip', exponent, least, most), least), INT32);
  const perExponent = (sign: number): Value => {
    const list = Float32Array.from(
      { length: most - least + 1 },
      (_, i) => 2 ** (sign * (least + i - format.mantissaBits)),
    );
    return node.emit('gather', [node.constant(Tensor.float32([list.length], list)), index], { axis: 0 });
  };
  const rounded = mul(node, unary(node, 'round', mul(node, x, perExponent(-1))), perExponent(1));
  const greatest = greatestOf(format);
  const clipped = unary(node, 'clip', rounded, -greatest, greatest);
  if (format.kind === 'finite') {
    const isNone = cast(node, unary(node, 'is-nan', x), BOOL);
    return { ...node.emit('where', [isNone, scalar(node, 0, x), clipped], {}), type };
  }
  if (saturate) return { ...clipped, type };
  const isBeyond = binary(node, 'greater', unary(node, 'abs', rounded), scalar(node, greatest, x));
  const beyond = format.kind === 'ieee' ? mul(node, x, Infinity) : scalar(node, NaN, x);
  return { ...node.emit('where', [isBeyond, beyond, rounded], {}), type };
}

export const asFloat = (node: NodeContext, x: Value): Value => (node.isFloat(x) ? x : cast(node, x, FLOAT));
export const asBool = (node: NodeContext, x: Value): Value => (x.type === BOOL ? x : cast(node, x, BOOL));

/** Wraps int32 results into an 8- or 16-bit type. Wider types are assumed to hold them. */
export function wrap(node: NodeContext, x: Value, type: OnnxType): Value {
  const { range, element } = typeInfo(type);
  const typed = { ...x, type };
  if (!range || elementBytes(element) > 2) return typed;
  const size = range[1] - range[0] + 1;
  if (range[0] === 0) return binary(node, 'mod', typed, scalar(node, size, typed));
  return add(node, binary(node, 'mod', sub(node, typed, range[0]), scalar(node, size, typed)), range[0]);
}

/** Whether every value of integer type `b` is one of `a`. */
function contains(a: OnnxType, b: OnnxType): boolean {
  const [outer, inner] = [typeInfo(a).range, typeInfo(b).range];
  return !outer || !inner || (outer[0] <= inner[0] && outer[1] >= inner[1]);
}

/** Runs a float operator on a value of any type and converts back. */
export function inFloat(node: NodeContext, x: Value, operate: (x: Value) => Value): Value {
  if (node.isFloat(x)) return operate(x);
  return cast(node, operate(asFloat(node, x)), x.type);
}

export const zeros = (node: NodeContext, shape: readonly number[]): Value =>
  node.constant(Tensor.zeros('float32', shape));

/** Zeros that only the run makes: a small file could ask for gigabytes of a constant. */
export const zerosAtRun = (node: NodeContext, shape: readonly number[]): Value =>
  node.emit(
    'expand',
    [
      node.constant(
        Tensor.zeros(
          'float32',
          shape.map(() => 1),
        ),
      ),
    ],
    { shape },
  );

export function ones(node: NodeContext, shape: readonly number[]): Value {
  const tensor = node.table(shape);
  tensor.data.fill(1);
  return node.constant(tensor);
}

/** The element type that an attribute names. @throws Unsupported */
export function elementTypeOf(node: NodeContext, attribute: string, fallback: OnnxType): OnnxType {
  const type = node.int(attribute, fallback);
  return isOnnxType(type) ? type : node.unsupported(`its ${attribute} is ${typeName(type)}`);
}
