import type { Tensor } from '../../src';
import { compareTensors, type Tolerance } from '../../src/compare-tensors';
import { byId, make } from '../dom';

/** Sums of n float32 products are off by about √n · 2⁻²⁴ of their terms, and dozens of layers add up: a fault is larger. */
export const CHECK_TOLERANCE: Tolerance = { ofLargest: 1e-3, absolute: 1e-6 };

/** The verdict on a tensor that the GPU made, and the largest error behind it. */
export function comparison(onGpu: Tensor, reference: Tensor): { verdict: HTMLElement; details: string } {
  const { mismatch, index, actual, expected, error, allowed } = compareTensors(onGpu, reference, CHECK_TOLERANCE);
  return {
    verdict: make('strong', { class: mismatch ? 'fail' : 'pass' }, mismatch ? 'failed' : 'passed'),
    details: `Largest of ${reference.size} errors: ${error.toExponential(2)} at [${index.join(', ')}], where the GPU has ${actual.toPrecision(6)} and the reference ${expected.toPrecision(6)}; up to ${allowed.toExponential(2)} is rounding.`,
  };
}

export function showComparison(name: string, onGpu: Tensor, reference: Tensor): void {
  const { verdict, details } = comparison(onGpu, reference);
  byId('check-result').replaceChildren(
    make('p', {}, `${name} against the CPU reference: `, verdict),
    make('p', { class: 'credit' }, details),
  );
}
