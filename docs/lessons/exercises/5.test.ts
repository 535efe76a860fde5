import { expect, test } from 'vitest';
import { nonMaximumSuppression } from '../../../src/reference/non-maximum-suppression';
import { Tensor } from '../../../src/tensor';
import { Random } from '../../../test/support/random';
import { answersOf } from './answers';

const { overlapOf, suppress } = await answersOf<typeof import('./solutions/5')>(5);

test('exercise 1: overlap is the shared area over the area of both together', () => {
  expect(overlapOf([0, 0, 2, 2], [0, 0, 2, 2])).toBe(1);
  expect(overlapOf([0, 0, 2, 2], [1, 0, 3, 2])).toBeCloseTo(1 / 3, 12);
  expect(overlapOf([0, 0, 4, 4], [1, 1, 2, 2])).toBe(1 / 16);
  expect(overlapOf([0, 0, 1, 1], [1, 0, 2, 1])).toBe(0);
  expect(overlapOf([0, 0, 1, 1], [5, 5, 6, 6])).toBe(0);
});

test('exercise 2: the boxes that stay are those of the reference', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new Random(seed);
    const count = 30;
    const boxes = Array.from({ length: count }, () => {
      const [left, top, width, height] = random.tensor([4], 0.1, 0.6).data;
      return [left, top, left + width, top + height] as const;
    });
    const scores = Array.from(random.tensor([count], 0.05, 1).data);
    const [indices, , found] = nonMaximumSuppression(
      [Tensor.float32([1, count, 4], boxes.flat()), Tensor.float32([1, 1, count], scores)],
      {
        scoreLayout: 'class-first',
        boxFormat: 'corners',
        firstClass: 0,
        iouThreshold: 0.45,
        scoreThreshold: 0,
        maxPerClass: count,
      },
      [[count, 3], [count, 6], [1]],
    );
    const expected = Array.from({ length: Number(found.data[0]) }, (_, i) => indices.data[i * 3 + 2]);
    expect(suppress(boxes, scores, 0.45)).toEqual(expected);
  }
});
