import { type DataType, type Shape, sameShape, stridesOf } from './tensor';

/**
 * The error that is allowed for a float: the sum of its parts. A caller states why its parts are as wide as they are;
 * whatever they are, NaN must be NaN, an infinity that same infinity, and integers and booleans equal.
 */
export interface Tolerance {
  /** Times the magnitude of the expected number: results rounded once. */
  readonly relative?: number;
  /** Times the largest finite magnitude of the expected tensor: sums, whose terms may cancel. */
  readonly ofLargest?: number;
  readonly absolute?: number;
}

/** A tensor, or numbers that lie in the memory of something else. */
interface Numbers {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
  /** Default `float32`. */
  readonly dtype?: DataType;
}

/** The worst number of two tensors: the one furthest beyond its allowed error, or nearest to it. */
export interface Comparison {
  /** Says what differs, as the end of a sentence about `actual`; undefined when all is within the tolerance. */
  readonly mismatch: string | undefined;
  readonly index: readonly number[];
  readonly actual: number;
  readonly expected: number;
  readonly error: number;
  readonly allowed: number;
}

export function compareTensors(actual: Numbers, expected: Numbers, tolerance: Tolerance): Comparison {
  const isFloat = (expected.dtype ?? 'float32') === 'float32';
  const { relative = 0, ofLargest = 0, absolute = 0 } = isFloat ? tolerance : {};
  const size = expected.data.length;
  const magnitude = (i: number): number => (Number.isFinite(expected.data[i]) ? Math.abs(expected.data[i]) : 0);
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, magnitude(i));
  const allowedAt = (i: number): number => relative * magnitude(i) + ofLargest * largest + absolute;
  const errorAt = (i: number): number => errorOf(actual.data[i], expected.data[i]);
  let [worst, worstExcess] = [0, -Infinity];
  for (let i = 0; i < size; i++) {
    const excess = errorAt(i) - allowedAt(i);
    if (excess > worstExcess) [worst, worstExcess] = [i, excess];
  }
  const numbers = { actual: actual.data[worst], expected: expected.data[worst] };
  const [error, allowed] = size === 0 ? [0, 0] : [errorAt(worst), allowedAt(worst)];
  const strides = stridesOf(expected.shape);
  const index = expected.shape.map((extent, axis) => Math.floor(worst / strides[axis]) % extent);
  const within = allowed > 0 ? ` ± ${allowed.toPrecision(2)}` : '';
  const mismatch = !sameShape(actual.shape, expected.shape)
    ? `has shape [${actual.shape.join(', ')}], expected [${expected.shape.join(', ')}]`
    : error > allowed
      ? `is ${numbers.actual} at [${index.join(', ')}], expected ${numbers.expected}${within}`
      : undefined;
  return { mismatch, index, ...numbers, error, allowed };
}

/** Infinite where one of the two is NaN, infinite or not there. */
function errorOf(actual: number | undefined, expected: number): number {
  if (actual === expected || (Number.isNaN(actual) && Number.isNaN(expected))) return 0;
  const error = Math.abs(Number(actual) - expected);
  return Number.isNaN(error) ? Infinity : error;
}
