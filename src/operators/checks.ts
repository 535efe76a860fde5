import { ShapeError } from '../errors';
import { type Shape, sameShape, type ValueInfo } from '../tensor';
import type { Sight } from './operator';

export const text = (shape: Shape): string => `[${shape.join(', ')}]`;

export const float = (shape: Shape): ValueInfo => ({ shape, dtype: 'float32' });

export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ShapeError(message);
}

export function checkRank(shape: Shape, rank: number, what: string): void {
  check(shape.length === rank, `${what} must have rank ${rank}, got ${text(shape)}`);
}

export function checkAxis(axis: number, rank: number): void {
  check(Number.isInteger(axis) && axis >= 0 && axis < rank, `axis ${axis} is outside 0..${rank - 1}`);
}

export function checkPositive(values: readonly number[], what: string): void {
  const fits = values.every((v) => Number.isInteger(v) && v > 0);
  check(fits, `${what} must be positive integers, got ${text(values)}`);
}

export function checkNotNegative(values: readonly number[], what: string): void {
  const fits = values.every((v) => Number.isInteger(v) && v >= 0);
  check(fits, `${what} must be non-negative integers, got ${text(values)}`);
}

export function checkVector(shape: Shape, size: number, what: string): void {
  check(sameShape(shape, [size]), `${what} must have shape [${size}], got ${text(shape)}`);
}

/** The receptive field of element-wise operators: the same pixel, or the whole of an operand that is broadcast. */
export function samePixel(input: Shape, output: Shape): Sight | undefined {
  const isAligned = input.length === 4 && input[2] === output[2] && input[3] === output[3];
  return isAligned ? (range) => range : undefined;
}
