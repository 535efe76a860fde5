import { Tensor } from '../../../tensor';
import { elementBytes } from '../../elements';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { BOOL, type OnnxType, typeInfo } from '../types';
import { add, binary, cast, div, elementTypeOf, mul, scalar, sub, unary, wrap } from './arithmetic';

/** Operators on the bits of integers, by arithmetic: a Graph's int32 wraps as two's complement does. */

/** The bits of a type as far as int32 holds them: types of 64 bits hold values within int32 alone. */
const bitsOf = (type: OnnxType): number =>
  Math.min(typeInfo(type).bits ?? 8 * elementBytes(typeInfo(type).element), 32);

const isSigned = (type: OnnxType): boolean => (typeInfo(type).range?.[0] ?? 0) < 0;

/** `1, 2, 4 …`; the last of 32 is the sign. */
function powers(node: NodeContext, count: number, like: Value): Value {
  return node.constant(
    Tensor.int32(
      [count],
      Int32Array.from({ length: count }, (_, bit) => 1 << bit),
    ),
    like.type,
  );
}

/** x divided by b and rounded down; b is positive. */
const floorDivide = (node: NodeContext, x: Value, b: Value): Value =>
  binary(node, 'div', sub(node, x, binary(node, 'mod', x, b)), b);

/** The bits of x along a new last axis, the lowest first. */
function split(node: NodeContext, x: Value, bits: number): Value {
  const column = node.reshape(x, [...x.shape, 1]);
  const last = bits === 32 ? [below(node, column)] : [];
  const shifted = floorDivide(node, column, powers(node, Math.min(bits, 31), x));
  const lower = binary(node, 'mod', shifted, scalar(node, 2, x));
  return last.length === 0 ? lower : node.emit('concat', [lower, ...last], { axis: x.shape.length });
}

/** 1 for negative numbers, 0 for others. */
const below = (node: NodeContext, x: Value): Value =>
  node.emit('cast', [binary(node, 'less', x, scalar(node, 0, x))], { to: 'int32' }, x.type);

function bitwiseAnd(node: NodeContext, a: Value, b: Value): Value {
  const bits = bitsOf(a.type);
  const both = mul(node, split(node, a, bits), split(node, b, bits));
  const weighed = mul(node, both, powers(node, bits, a));
  const axes = [weighed.shape.length - 1];
  return wrap(node, node.emit('reduce', [weighed], { fn: 'sum', axes, keepDims: false }, a.type), a.type);
}

const bitwise =
  (combine: (node: NodeContext, sum: Value, and: Value) => Value): OperatorImporter =>
  (node) => {
    const [a, b] = [node.input(0), node.input(1)];
    // A scalar gets an axis for its bits as any other value.
    return wrap(node, combine(node, add(node, a, b), bitwiseAnd(node, a, b)), a.type);
  };

/** `-x - 1`; of an unsigned type what is missing to its greatest value. */
function bitwiseNot(node: NodeContext): Value {
  const x = node.input(0);
  if (isSigned(x.type)) return sub(node, unary(node, 'neg', x), 1);
  const { range, name } = typeInfo(x.type);
  if (!range || range[1] >= 2 ** 31) return node.unsupported(`int32 does not hold the results of ${name}`);
  return sub(node, scalar(node, range[1], x), x);
}

/** Beyond the bits of the type nothing is left but the sign. */
function bitShift(node: NodeContext): Value {
  const [x, by] = [node.input(0), node.input(1)];
  const isLeft = node.choice('direction', '', { LEFT: true, RIGHT: false });
  const bits = bitsOf(x.type);
  const last = bits - (isLeft ? 1 : 2);
  const inRange = binary(
    node,
    'and',
    binary(node, 'greater-or-equal', by, scalar(node, 0, by)),
    binary(node, 'less-or-equal', by, scalar(node, last, by)),
  );
  const places = unary(node, 'clip', by, 0, last);
  const factor = node.emit('gather', [powers(node, last + 1, x), places], { axis: 0 });
  if (isLeft) {
    const product = wrap(node, mul(node, x, factor), x.type);
    return node.emit('where', [inRange, product, scalar(node, 0, x)], {});
  }
  // The last place leaves the highest bit alone, which an unsigned type of 8 or 16 bits keeps as 1.
  const isHighest = binary(node, 'equal', by, scalar(node, bits - 1, by));
  const highest = bits < 32 && !isSigned(x.type) ? div(node, x, 2 ** (bits - 1)) : unary(node, 'neg', below(node, x));
  const rest = isSigned(x.type) ? unary(node, 'neg', below(node, x)) : scalar(node, 0, x);
  const beyond = node.emit('where', [isHighest, highest, rest], {});
  return node.emit('where', [inRange, floorDivide(node, x, factor), beyond], {});
}

/** The same bits as another type of as many. Only the bits of integers can be read. */
function bitCast(node: NodeContext): Value {
  const x = node.input(0);
  const type = elementTypeOf(node, 'to', x.type);
  const [from, to] = [typeInfo(x.type), typeInfo(type)];
  if (x.type === type) return x;
  // A bool is the byte 0 or 1.
  if (x.type === BOOL && bitsOf(type) === 8 && to.range) return cast(node, x, type);
  if (!from.range || !to.range) return node.unsupported(`it reads the bits of ${from.name} as ${to.name}`);
  if (bitsOf(type) === 32 && isSigned(x.type) && !isSigned(type)) {
    return node.unsupported(`int32 does not hold negative numbers read as ${to.name}`);
  }
  return wrap(node, x, type);
}

export const bits: Readonly<Record<string, OperatorImporter>> = {
  BitwiseAnd: (node) => bitwiseAnd(node, node.input(0), node.input(1)),
  BitwiseOr: bitwise((node, sum, and) => sub(node, sum, and)),
  BitwiseXor: bitwise((node, sum, and) => sub(node, sum, mul(node, and, 2))),
  BitwiseNot: bitwiseNot,
  BitShift: bitShift,
  BitCast: bitCast,
};
