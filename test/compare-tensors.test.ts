import { expect, test } from 'vitest';
import { compareTensors, type Tolerance } from '../src/compare-tensors';
import { Tensor } from '../src/tensor';

const row = (...numbers: number[]): Tensor => Tensor.float32([1, numbers.length], numbers);

const mismatch = (actual: readonly number[], expected: readonly number[], tolerance: Tolerance = { absolute: 0.1 }) =>
  compareTensors(row(...actual), row(...expected), tolerance).mismatch;

test('the worst number is named, with its place, what both sides have and what is allowed', () => {
  expect(compareTensors(row(1.3, 2.5, 100), row(1, 2, 100), { absolute: 0.25 })).toEqual({
    mismatch: 'is 2.5 at [0, 1], expected 2 ± 0.25',
    index: [0, 1],
    actual: 2.5,
    expected: 2,
    error: 0.5,
    allowed: 0.25,
  });
  expect(compareTensors(row(1, 2.25, 100), row(1, 2, 100), { absolute: 0.25 })).toMatchObject({
    mismatch: undefined,
    index: [0, 1],
    error: 0.25,
  });
});

test('a tolerance allows the sum of its parts, of the number itself and of the largest, and no more', () => {
  const tolerance = { relative: 0.25, ofLargest: 0.125, absolute: 0.5 };
  // 0.25 · 4 + 0.125 · 8 + 0.5
  expect(mismatch([6.5, 8], [4, 8], tolerance)).toBeUndefined();
  expect(mismatch([6.625, 8], [4, 8], tolerance)).toBe('is 6.625 at [0, 0], expected 4 ± 2.5');
  expect(mismatch([1, 2], [1, 2], {})).toBeUndefined();
  expect(mismatch([1, 2 + 2 ** -20], [1, 2], {})).toMatch(/^is 2\.00000095.* at \[0, 1\], expected 2$/);
});

test.each([
  [NaN, NaN],
  [Infinity, Infinity],
  [-Infinity, -Infinity],
  [-0, 0],
])('%d is right where %d is expected', (actual, expected) => {
  expect(mismatch([actual, 1], [expected, 1])).toBeUndefined();
});

test.each([
  [NaN, 0],
  [0, NaN],
  [Infinity, NaN],
  [NaN, Infinity],
  [-Infinity, Infinity],
  [5, Infinity],
  [Infinity, 5],
])('%d is wrong where %d is expected, however wide the tolerance', (actual, expected) => {
  for (const tolerance of [{ absolute: 1e9 }, { relative: 1e9 }, { ofLargest: 1e9 }]) {
    expect(mismatch([1, actual], [1, expected], tolerance)).toContain(`is ${actual} at [0, 1], expected ${expected}`);
  }
});

test('no number hides behind an infinity: it does not count as the largest', () => {
  expect(mismatch([Infinity, 7], [Infinity, 1], { ofLargest: 1e-3 })).toBe('is 7 at [0, 1], expected 1 ± 0.0010');
});

test('integers and booleans must be equal, and shapes too', () => {
  expect(compareTensors(Tensor.int32([1], [3]), Tensor.int32([1], [4]), { absolute: 9 }).mismatch).toBe(
    'is 3 at [0], expected 4',
  );
  expect(compareTensors(Tensor.float32([2, 1]), Tensor.float32([2]), { absolute: 9 }).mismatch).toBe(
    'has shape [2, 1], expected [2]',
  );
  expect(compareTensors(Tensor.float32([0]), Tensor.float32([2]), { absolute: 9 }).mismatch).toContain('has shape [0]');
  expect(compareTensors(Tensor.float32([0, 2]), Tensor.float32([0, 2]), {}).mismatch).toBeUndefined();
});
