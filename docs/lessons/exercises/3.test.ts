import { expect, test } from 'vitest';
import { answersOf } from './answers';

const { loadsPerMultiplyAdd, productsSaved } = await answersOf<typeof import('./solutions/3')>(3);

test('exercise 1: a larger register tile takes fewer loads for each multiply-add', () => {
  expect(loadsPerMultiplyAdd(4, 4)).toBe(0.5);
  expect(loadsPerMultiplyAdd(8, 8)).toBe(0.25);
  expect(loadsPerMultiplyAdd(8, 16)).toBe(0.1875);
});

test('exercise 2: Winograd needs fewer products, the fewer the larger its tile', () => {
  expect(productsSaved(2)).toBe(2.25);
  expect(productsSaved(4)).toBe(4);
  expect(productsSaved(6)).toBeCloseTo(5.0625, 10);
  expect(productsSaved(1)).toBe(1);
});
