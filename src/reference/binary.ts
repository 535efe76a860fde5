import { type BinaryFunction, isComparison } from '../operators/binary';
import { type DataType, Tensor } from '../tensor';
import type { Reference } from './reference';
import { broadcastOffsets } from './strided';

/**
 * One function of two tensors, element by element with NumPy's broadcasting.
 * int32 arithmetic wraps at 32 bits and division rounds towards zero. Comparisons give bool.
 */
export const binary: Reference<'binary'> = ([a, b], { fn }, [shape]) => {
  const apply = binaryFunction(fn, a.dtype);
  const aOffsets = broadcastOffsets(a.shape, shape);
  const bOffsets = broadcastOffsets(b.shape, shape);
  const y = Tensor.zeros(isComparison(fn) ? 'bool' : a.dtype, shape);
  for (let i = 0; i < y.size; i++) y.data[i] = apply(a.data[aOffsets[i]], b.data[bOffsets[i]]);
  return y;
};

type OfTwo = (a: number, b: number) => number;

export const binaryFunction = (fn: BinaryFunction, dtype: DataType): OfTwo =>
  (dtype === 'int32' && INTEGER_FUNCTIONS[fn]) || FUNCTIONS[fn];

/** Every binary function of two numbers, in float64. */
const FUNCTIONS: { readonly [F in BinaryFunction]: OfTwo } = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: Math.min,
  max: Math.max,
  pow: power,
  prelu: (x, slope) => (x < 0 ? x * slope : x),
  mod: (a, b) => a % b,
  equal: (a, b) => Number(a === b),
  less: (a, b) => Number(a < b),
  'less-or-equal': (a, b) => Number(a <= b),
  greater: (a, b) => Number(a > b),
  'greater-or-equal': (a, b) => Number(a >= b),
  and: (a, b) => Number(a !== 0 && b !== 0),
  or: (a, b) => Number(a !== 0 || b !== 0),
  xor: (a, b) => Number((a !== 0) !== (b !== 0)),
};

/** Functions that differ on int32. Storing into an Int32Array wraps sums and truncates fractions. */
const INTEGER_FUNCTIONS: { readonly [F in BinaryFunction]?: OfTwo } = {
  mul: Math.imul,
  div: (a, b) => Math.trunc(a / b),
  mod: (a, b) => a - b * Math.floor(a / b),
};

/** 1 to the power NaN and ±1 to the power ±Infinity are 1 in IEEE 754 section 9.2.1, but NaN in JavaScript. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
  return base ** exponent;
}
