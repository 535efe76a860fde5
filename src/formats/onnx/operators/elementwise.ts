import type { BinaryFunction } from '../../../operators/binary';
import { text } from '../../../operators/checks';
import type { UnaryFunction } from '../../../operators/unary';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { BOOL, isOnnxType, type OnnxType, typeInfo, typeName } from '../types';
import { add, asBool, asFloat, binary, cast, div, inFloat, mul, roundTo, scalar, sub, unary, wrap } from './arithmetic';

const FLOAT_LIMIT = 3.4028234663852886e38;

const plain =
  (fn: UnaryFunction): OperatorImporter =>
  (node) =>
    unary(node, fn, node.input(0));

/** A function with parameters under ONNX's names, with ONNX's defaults. */
const parametric =
  (fn: UnaryFunction, alpha: readonly [string, number], beta?: readonly [string, number]): OperatorImporter =>
  (node) =>
    unary(node, fn, node.input(0), node.float(...alpha), beta ? node.float(...beta) : 0);

/**
 * Both inputs, in shapes that NumPy's broadcasting fits together. Before opset 7 the second input could be aligned with
 * the axes of the first from `axis` on.
 */
function broadcastInputs(node: NodeContext): [a: Value, b: Value] {
  const [a, b] = [node.input(0), node.input(1)];
  const trailing = a.shape.length - b.shape.length;
  if (node.opset >= 7 || !node.has('axis')) return [a, b];
  const after = trailing - node.axis(node.int('axis', trailing), a.shape.length);
  if (after < 0) node.malformed(`input ${text(b.shape)} does not fit ${text(a.shape)} at its axis`);
  return [a, node.reshape(b, [...b.shape, ...Array<number>(after).fill(1)])];
}

/** Integer results of 8 or 16 bits wrap around. */
const integerSafe =
  (fn: BinaryFunction): OperatorImporter =>
  (node) => {
    const [a, b] = broadcastInputs(node);
    return wrap(node, binary(node, fn, a, b), a.type);
  };

const comparison =
  (fn: BinaryFunction): OperatorImporter =>
  (node) =>
    binary(node, fn, ...broadcastInputs(node));

const logical =
  (fn: BinaryFunction): OperatorImporter =>
  (node) => {
    const [a, b] = broadcastInputs(node);
    return binary(node, fn, asBool(node, a), asBool(node, b));
  };

/** Before opset 7 a list of slopes belonged to the channels. */
function prelu(node: NodeContext): Value {
  const [x, slope] = [node.input(0), node.input(1)];
  const perChannel = node.opset < 7 && slope.shape.length === 1 && slope.shape[0] !== 1;
  const spatial = x.shape.slice(2).map(() => 1);
  return binary(node, 'prelu', x, perChannel ? node.reshape(slope, [...slope.shape, ...spatial]) : slope);
}

const chain =
  (fn: BinaryFunction): OperatorImporter =>
  (node) => {
    const [first, ...rest] = node.inputs;
    return rest.reduce((sum, x) => binary(node, fn, sum, x), first ?? node.input(0));
  };

/** Bounds are attributes up to opset 10, inputs since. */
function clip(node: NodeContext): Value {
  const x = node.input(0);
  const [least, most] =
    node.opset < 11
      ? [scalar(node, node.float('min', -FLOAT_LIMIT), x), scalar(node, node.float('max', FLOAT_LIMIT), x)]
      : [node.optional(1), node.optional(2)];
  if (node.isFloat(x)) {
    const bounds = [least, most].map((bound, i) =>
      bound ? node.known(bound)?.data[0] : [-FLOAT_LIMIT, FLOAT_LIMIT][i],
    );
    const [alpha, beta] = bounds;
    // When the bounds cross, the upper one wins.
    if (alpha !== undefined && beta !== undefined) return unary(node, 'clip', x, Math.min(alpha, beta), beta);
  }
  const raised = least ? binary(node, 'max', x, least) : x;
  return most ? binary(node, 'min', raised, most) : raised;
}

/** The base gives the type of the result; the exponent may have any. */
function pow(node: NodeContext): Value {
  const [x, exponent] = broadcastInputs(node);
  const power = binary(node, 'pow', asFloat(node, x), asFloat(node, exponent));
  if (node.isFloat(x)) return { ...power, type: x.type };
  // A float32 power may fall just short of an exact integer; a true fraction is cut off.
  const exact = node.isFloat(exponent)
    ? add(node, power, mul(node, unary(node, 'abs', power), 1e-6))
    : unary(node, 'round', power);
  return cast(node, exact, x.type);
}

/** With `fmod` the result takes the sign of a, without it that of b. */
function mod(node: NodeContext): Value {
  const [a, b] = [node.input(0), node.input(1)];
  const takesSignOfA = node.flag('fmod');
  if (node.isFloat(a)) {
    const rest = binary(node, 'mod', a, b);
    if (takesSignOfA) return rest;
    const signs = mul(node, unary(node, 'sign', rest), unary(node, 'sign', b));
    const differ = binary(node, 'less', signs, scalar(node, 0, signs));
    return node.emit('where', [differ, add(node, rest, b), rest], {});
  }
  if (!takesSignOfA) return binary(node, 'mod', a, b);
  const size = binary(node, 'mod', unary(node, 'abs', a), unary(node, 'abs', b));
  return mul(node, size, unary(node, 'sign', a));
}

function thresholdedRelu(node: NodeContext): Value {
  const x = node.input(0);
  const above = binary(node, 'greater', x, scalar(node, node.float('alpha', 1), x));
  return node.emit('where', [above, x, scalar(node, 0, x)], {});
}

/** What lies within ±lambd becomes 0; the rest moves towards 0 by the bias. */
function shrink(node: NodeContext, x: Value): Value {
  const [bound, bias] = [node.float('lambd', 0.5), node.float('bias', 0)];
  const isAbove = binary(node, 'greater', x, scalar(node, bound, x));
  const isBelow = binary(node, 'less', x, scalar(node, -bound, x));
  const lower = node.emit('where', [isBelow, add(node, x, bias), scalar(node, 0, x)], {});
  return node.emit('where', [isAbove, sub(node, x, bias), lower], {});
}

function castTo(node: NodeContext): Value {
  if (node.opset < 6) return node.unsupported('before opset 6 it names its type');
  const type = node.int('to', 0);
  if (!isOnnxType(type)) return node.unsupported(`it casts to ${typeName(type)}`);
  return castNumbers(node, node.input(0), type);
}

/** A float beyond a narrow integer type wraps, as ONNX Runtime has it: the standard leaves it open. */
function castNumbers(node: NodeContext, x: Value, type: OnnxType): Value {
  const saturate = node.flag('saturate', true);
  if (typeInfo(type).minifloat) return roundTo(node, asFloat(node, x), type, saturate);
  const y = cast(node, x, type);
  return node.isFloat(x) && !node.isFloat(y) ? wrap(node, y, type) : y;
}

function gelu(node: NodeContext): Value {
  const fn = node.choice('approximate', 'none', { none: 'gelu', tanh: 'gelu-tanh' } as const);
  return unary(node, fn, node.input(0));
}

function isInf(node: NodeContext): Value {
  const counts = (name: string): number => Number(node.flag(name, true));
  return cast(node, unary(node, 'is-inf', node.input(0), counts('detect_negative'), counts('detect_positive')), BOOL);
}

function neg(node: NodeContext): Value {
  const x = node.input(0);
  return wrap(node, unary(node, 'neg', x), x.type);
}

/**
 * At inference, or when it drops none, Dropout returns its input; the mask says that all elements were kept. The ratio
 * is an attribute up to opset 11, an input since.
 */
function dropout(node: NodeContext): readonly Value[] {
  const x = node.input(0);
  const [ratio, training] = [node.optional(1), node.optional(2)];
  const drops = node.opset < 12 ? node.float('ratio', 0.5) : ratio ? node.number(ratio, 'ratio') : 0.5;
  if (training && node.number(training, 'training mode') !== 0 && drops !== 0) {
    node.unsupported('it is in training mode', x);
  }
  if (!node.wants(1)) return [x];
  const type = node.opset < 10 ? x.type : BOOL;
  const kept = cast(node, scalar(node, 1, x), type);
  return [x, node.expand(kept, x.shape)];
}

function mean(node: NodeContext): Value {
  const inputs = node.inputs;
  return div(
    node,
    inputs.slice(1).reduce((sum, x) => add(node, sum, x), node.input(0)),
    inputs.length,
  );
}

/** Functions without parameters, by ONNX's names. */
// biome-ignore format: a table to scan
const PLAIN: Readonly<Record<string, UnaryFunction>> = {
  Relu: 'relu', Sigmoid: 'sigmoid', HardSwish: 'hard-swish', Mish: 'mish', Softplus: 'softplus',
  Softsign: 'softsign', Tanh: 'tanh', Exp: 'exp', Log: 'log', Sqrt: 'sqrt', Abs: 'abs', Reciprocal: 'reciprocal',
  Floor: 'floor', Ceil: 'ceil', Round: 'round', Sin: 'sin', Cos: 'cos', Tan: 'tan', Asin: 'asin', Acos: 'acos',
  Atan: 'atan', Sinh: 'sinh', Cosh: 'cosh', Asinh: 'asinh', Acosh: 'acosh', Atanh: 'atanh', Erf: 'erf', Sign: 'sign',
};

export const elementwise: Readonly<Record<string, OperatorImporter>> = {
  ...Object.fromEntries(Object.entries(PLAIN).map(([op, fn]) => [op, plain(fn)])),
  Identity: (node) => node.input(0),
  Dropout: dropout,
  Cast: castTo,
  CastLike: (node) => castNumbers(node, node.input(0), node.input(1).type),
  LeakyRelu: parametric('leaky-relu', ['alpha', 0.01]),
  ThresholdedRelu: thresholdedRelu,
  PRelu: prelu,
  Elu: parametric('elu', ['alpha', 1]),
  Celu: parametric('celu', ['alpha', 1]),
  Selu: parametric('selu', ['alpha', 1.6732632423543772], ['gamma', 1.0507009873554805]),
  HardSigmoid: parametric('hard-sigmoid', ['alpha', 0.2], ['beta', 0.5]),
  Swish: parametric('silu', ['alpha', 1]),
  Gelu: gelu,
  Shrink: (node) => inFloat(node, node.input(0), (x) => shrink(node, x)),
  SwiGLU: (node) => mul(node, unary(node, 'silu', node.input(0), node.float('alpha', 1)), node.input(1)),
  Clip: clip,
  Neg: neg,
  IsNaN: (node) => cast(node, unary(node, 'is-nan', node.input(0)), BOOL),
  IsInf: isInf,
  Not: (node) => unary(node, 'not', asBool(node, node.input(0))),
  Add: integerSafe('add'),
  Sub: integerSafe('sub'),
  Mul: integerSafe('mul'),
  Div: integerSafe('div'),
  Pow: pow,
  Mod: mod,
  Sum: chain('add'),
  Max: chain('max'),
  Min: chain('min'),
  Mean: mean,
  Equal: comparison('equal'),
  Less: comparison('less'),
  LessOrEqual: comparison('less-or-equal'),
  Greater: comparison('greater'),
  GreaterOrEqual: comparison('greater-or-equal'),
  And: logical('and'),
  Or: logical('or'),
  Xor: logical('xor'),
  Where: (node) => node.emit('where', [asBool(node, node.input(0)), node.input(1), node.input(2)], {}),
};
