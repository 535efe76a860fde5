import { ArgumentError } from '../errors';
import { type BinaryFunction, isComparison } from '../operators/binary';
import { type Shape, Tensor } from '../tensor';
import { broadcastOffsets } from './strided';

/**
 * One function of two tensors, element by element with NumPy's broadcasting.
 * int32 arithmetic wraps at 32 bits and division rounds towards zero. Comparisons give bool.
 *
 * @param shape of the output: both shapes broadcast
 */
export function binary(a: Tensor, b: Tensor, fn: BinaryFunction, shape: Shape): Tensor {
  const apply = a.dtype === 'int32' ? integerFunction(fn) : binaryFunction(fn);
  const aOffsets = broadcastOffsets(a.shape, shape);
  const bOffsets = broadcastOffsets(b.shape, shape);
  const y = Tensor.zeros(isComparison(fn) ? 'bool' : a.dtype, shape);
  for (let i = 0; i < y.size; i++) y.data[i] = apply(a.data[aOffsets[i]], b.data[bOffsets[i]]);
  return y;
}

/** Every binary function of two numbers, in float64. */
export function binaryFunction(fn: BinaryFunction): (a: number, b: number) => number {
  switch (fn) {
    case 'add':
      return (a, b) => a + b;
    case 'sub':
      return (a, b) => a - b;
    case 'mul':
      return (a, b) => a * b;
    case 'div':
      return (a, b) => a / b;
    case 'min':
      return Math.min;
    case 'max':
      return Math.max;
    case 'pow':
      return power;
    case 'prelu':
      return (x, slope) => (x < 0 ? x * slope : x);
    case 'mod':
      return (a, b) => a % b;
    case 'equal':
      return (a, b) => Number(a === b);
    case 'less':
      return (a, b) => Number(a < b);
    case 'less-or-equal':
      return (a, b) => Number(a <= b);
    case 'greater':
      return (a, b) => Number(a > b);
    case 'greater-or-equal':
      return (a, b) => Number(a >= b);
    case 'and':
      return (a, b) => Number(a !== 0 && b !== 0);
    case 'or':
      return (a, b) => Number(a !== 0 || b !== 0);
    case 'xor':
      return (a, b) => Number((a !== 0) !== (b !== 0));
    default:
      throw new ArgumentError(`unknown binary function ${fn satisfies never}`);
  }
}

/** Those functions that differ on int32; the store into an Int32Array wraps sums and truncates. */
function integerFunction(fn: BinaryFunction): (a: number, b: number) => number {
  switch (fn) {
    case 'mul':
      return Math.imul;
    case 'div':
      return (a, b) => Math.trunc(a / b);
    case 'mod':
      return (a, b) => a - b * Math.floor(a / b);
    default:
      return binaryFunction(fn);
  }
}

/** JavaScript makes NaN of 1 to the power NaN and of ±1 to the power ±Infinity; IEEE 754 section 9.2.1 makes it 1. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
  return base ** exponent;
}
