import { expect } from 'vitest';
import { compareTensors, type Tolerance } from '../../src/compare-tensors';

type Numbers = Parameters<typeof compareTensors>[0];

export function expectClose(actual: Numbers, expected: Numbers, tolerance: Tolerance, what?: string): void {
  expect(compareTensors(actual, expected, tolerance).mismatch, what).toBeUndefined();
}
