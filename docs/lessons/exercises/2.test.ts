import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ANSWERS, answersOf } from './answers';
import { runShader, SENTINEL } from './run-shader';

const { placeOf } = await answersOf<typeof import('./solutions/2')>(2);

test('exercise 1: where a number of a picture lies in nhwc4', () => {
  expect(placeOf(0, 0, 0, [1, 3, 2, 5])).toBe(0);
  expect(placeOf(2, 0, 1, [1, 3, 2, 5])).toBe(6);
  expect(placeOf(0, 1, 0, [1, 3, 2, 5])).toBe(20);
  expect(placeOf(5, 0, 0, [1, 6, 4, 4])).toBe(5);
  expect(placeOf(4, 2, 3, [1, 6, 4, 4])).toBe(92);
});

const wgsl = readFileSync(new URL(`${ANSWERS}/2-mirror.wgsl`, import.meta.url), 'utf8');

test.each([
  [1, 1, 1],
  [3, 5, 2],
  [9, 17, 3],
])(
  'exercise 2: %i rows of %i pixels with %i blocks of channels come out mirrored, and nothing else is written',
  async (height, width, blocks) => {
    const input = Float32Array.from({ length: height * width * blocks * 4 }, (_, i) => i + 1);
    const params = Uint32Array.of(height, width, blocks, 0);
    const workgroups = [Math.ceil((width * blocks) / 8), Math.ceil(height / 8)] as const;
    const result = await runShader({ wgsl, input, params, workgroups });
    const expected = Array.from(input, (_, i) => {
      const [channel, pixel] = [i % (blocks * 4), Math.floor(i / (blocks * 4))];
      const [row, column] = [Math.floor(pixel / width), pixel % width];
      return input[(row * width + width - 1 - column) * blocks * 4 + channel];
    });
    expect(Array.from(result)).toEqual([...expected, ...new Array(4).fill(SENTINEL)]);
  },
);
