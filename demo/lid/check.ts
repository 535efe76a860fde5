import type { Tensor } from '../../src';
import { byId, make } from '../dom';

/** How far the GPU is from the reference. */
export interface Comparison {
  readonly worstIndex: readonly number[];
  readonly maxError: number;
  readonly expected: number;
  readonly actual: number;
  readonly allowed: number;
  readonly passed: boolean;
}

/**
 * Compares two tensors of one shape. Sums of n products in float32 are off by about √n · 2⁻²⁴ of the terms' size, and
 * errors grow from layer to layer: a thousandth of the largest value is what dozens of layers may lose, and what a fault
 * never stays below.
 */
export function compareTensors(actual: Tensor, expected: Tensor): Comparison {
  let worst = 0;
  let maxError = 0;
  let largest = 0;
  for (let i = 0; i < expected.size; i++) {
    const [a, e] = [Number(actual.data[i]), Number(expected.data[i])];
    // Infinity and NaN are right where the reference has them too; a number that is not there is infinitely far off.
    const error = Object.is(a, e) ? 0 : Math.abs(a - e);
    if (Number.isFinite(e)) largest = Math.max(largest, Math.abs(e));
    if (error > maxError || Number.isNaN(error)) {
      maxError = Number.isNaN(error) ? Infinity : error;
      worst = i;
    }
  }
  const allowed = 1e-3 * largest + 1e-6;
  const passed = maxError <= allowed && actual.size === expected.size;
  const places = { actual: Number(actual.data[worst]), expected: Number(expected.data[worst]) };
  return { worstIndex: unravel(worst, expected.shape), maxError, ...places, allowed, passed };
}

function unravel(index: number, shape: readonly number[]): number[] {
  let rest = index;
  return shape
    .toReversed()
    .map((extent) => {
      const at = rest % extent;
      rest = Math.floor(rest / extent);
      return at;
    })
    .toReversed();
}

export function showComparison(name: string, elements: number, c: Comparison): void {
  const verdict = make('strong', { class: c.passed ? 'pass' : 'fail' }, c.passed ? 'passed' : 'failed');
  byId('check-result').replaceChildren(
    make('p', {}, `${name} against the CPU reference: `, verdict),
    make(
      'p',
      { class: 'credit' },
      `Largest of ${elements} errors: ${c.maxError.toExponential(2)} at [${c.worstIndex.join(', ')}], where the GPU has ${c.actual.toPrecision(6)} and the reference ${c.expected.toPrecision(6)}; up to ${c.allowed.toExponential(2)} is rounding.`,
    ),
  );
}

export function showChecking(text: string): void {
  byId('check-result').replaceChildren(make('p', {}, text));
}
