import { expect, test } from 'vitest';
import { fromFloat16, toFloat16 } from '../../../src/float16';
import { answersOf } from './answers';

const { scaleFor, repetitions } = await answersOf<typeof import('./solutions/7')>(7);

test('exercise 1: a scaled number is finite in float16, and twice the scale would be too much', () => {
  expect(scaleFor(1)).toBe(1);
  expect(scaleFor(65504)).toBe(1);
  for (const largest of [65505, 70_000, 131_008, 131_009, 1e6, 1e20]) {
    const scale = scaleFor(largest);
    expect(Number.isInteger(Math.log2(scale))).toBe(true);
    expect(fromFloat16(toFloat16(scale * largest))).toBeLessThan(Infinity);
    expect(scale * largest).toBeLessThanOrEqual(65504);
    expect(2 * scale * largest).toBeGreaterThan(65504);
  }
});

test('exercise 2: a short launch is repeated until the clock is fine enough', () => {
  expect(repetitions(10, 100, 0.01)).toBe(1000);
  expect(repetitions(30, 100, 0.05)).toBe(67);
  expect(repetitions(1_000_000, 100, 0.01)).toBe(1);
});
