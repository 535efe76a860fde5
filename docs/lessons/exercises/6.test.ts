import { expect, test } from 'vitest';
import { varianceBetween } from '../../../demo/classical/otsu';
import { Random } from '../../../test/support/random';
import { answersOf } from './answers';

const { otsu, countThings } = await answersOf<typeof import('./solutions/6')>(6);

test('exercise 1: no other brightness parts dark from bright with a greater variance between them', () => {
  expect(otsu([5, 0, 0, 5])).toBe(0);
  for (let seed = 1; seed <= 20; seed++) {
    const histogram = Array.from(new Random(seed).tensor([256], 0, 100).data, Math.floor);
    const variance = (threshold: number): number => varianceBetween(Uint32Array.from(histogram), threshold);
    const best = Math.max(...histogram.map((_, threshold) => variance(threshold)));
    expect(variance(otsu(histogram))).toBeCloseTo(best, 6);
  }
});

test('exercise 2: a mask falls apart into its things', () => {
  expect(countThings([0, 0, 0, 0], 2)).toBe(0);
  expect(countThings([1, 1, 1, 1], 2)).toBe(1);
  expect(countThings([1, 0, 0, 1], 2)).toBe(2);
  // biome-ignore format: a picture
  expect(countThings([
    1, 1, 0, 0, 1,
    0, 1, 0, 0, 1,
    0, 1, 1, 0, 0,
    1, 0, 0, 0, 1,
  ], 5)).toBe(4);
  // The end of a row does not touch the beginning of the next.
  expect(countThings([0, 0, 1, 1, 0, 0], 3)).toBe(2);
});
