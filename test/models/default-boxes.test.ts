import { expect, test } from 'vitest';
import { boxesPerCell, defaultBoxes } from '../../src/models/default-boxes';

const settings = {
  featureMaps: [2, 1],
  scales: [0.2, 0.5, 0.8],
  aspectRatios: [[2], [2, 3]],
  variances: [0.1, 0.2],
} as const;

test('a cell has two squares and two boxes for each aspect ratio', () => {
  expect([0, 1].map((k) => boxesPerCell(settings, k))).toEqual([4, 6]);
  expect(defaultBoxes(settings).shape).toEqual([2 * 2 * 4 + 6, 4]);
});

test('boxes lie around the centres of their cells, row by row', () => {
  const { data } = defaultBoxes(settings);
  const centres = Array.from({ length: 5 }, (_, cell) => [...data.slice(cell * 16, cell * 16 + 2)]);
  expect(centres).toEqual([
    [0.25, 0.25],
    [0.75, 0.25],
    [0.25, 0.75],
    [0.75, 0.75],
    [0.5, 0.5],
  ]);
});

test('the squares have the scale of their map and the geometric mean with the next, the others the area of the first', () => {
  const { data } = defaultBoxes(settings);
  const sizes = Array.from({ length: 4 }, (_, box) => [data[box * 4 + 2], data[box * 4 + 3]]);
  expect(sizes[0]).toEqual([Math.fround(0.2), Math.fround(0.2)]);
  expect(sizes[1][0]).toBeCloseTo(Math.sqrt(0.2 * 0.5), 6);
  expect(sizes[2][0] / sizes[2][1]).toBeCloseTo(2, 5);
  expect(sizes[3][0] / sizes[3][1]).toBeCloseTo(0.5, 5);
  for (const [w, h] of [sizes[2], sizes[3]]) expect(w * h).toBeCloseTo(0.04, 6);
});
