import { expect, test } from 'vitest';
import { placeLabels } from '../../src/tasks/label-places';

const PICTURE = { width: 200, height: 100 };
const LABEL = { width: 40, height: 10 };
const box = (xmin: number, ymin: number, xmax: number, ymax: number) => ({ xmin, ymin, xmax, ymax });
const place = (...boxes: ReturnType<typeof box>[]) =>
  placeLabels(
    boxes,
    boxes.map(() => LABEL),
    PICTURE,
  );

test('a label lies on top of its box', () => {
  expect(place(box(20, 30, 100, 90))).toEqual([{ x: 20, y: 20 }]);
});

test('a label stays within the picture', () => {
  expect(place(box(-5, 3, 50, 90))).toEqual([{ x: 0, y: 0 }]);
  expect(place(box(190, 30, 200, 90))).toEqual([{ x: 160, y: 20 }]);
  expect(place(box(0, 0, 200, 4))).toEqual([{ x: 0, y: 0 }]);
});

test('of boxes that share a corner the first has its label on top, others below or beside it', () => {
  const [a, b, c] = [box(20, 30, 100, 90), box(21, 31, 90, 80), box(19, 30, 100, 95)];
  expect(place(a, b, c)).toEqual([
    { x: 20, y: 20 },
    { x: 21, y: 80 },
    { x: 60, y: 20 },
  ]);
});

test('as many labels as have room hide nothing of each other', () => {
  const boxes = Array.from({ length: 12 }, (_, i) => box(20 + i, 20 + i, 140 - i, 90));
  const places = place(...boxes);
  for (const [i, a] of places.entries()) {
    for (const b of places.slice(i + 1)) {
      expect(Math.abs(a.x - b.x) >= LABEL.width || Math.abs(a.y - b.y) >= LABEL.height).toBe(true);
    }
  }
});

test('where there is no room left, the label that comes last covers as little as it can', () => {
  const small = box(0, 0, 10, 10);
  const size = { width: 20, height: 12 };
  expect(placeLabels([small, small], [size, size], { width: 30, height: 24 })).toEqual([
    { x: 0, y: 0 },
    { x: 0, y: 10 },
  ]);
});
