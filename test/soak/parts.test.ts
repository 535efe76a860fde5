import { expect, test } from 'vitest';
import { hostileFiles, mutatedFiles } from './files';
import { frames } from './frames';
import { HOSTILE_FILES } from './hostile';
import { type Part, Tally } from './tally';

/** The soak's parts, a few items of each: `npm run test:soak` runs very many. */

test.each<[string, Part, number]>([
  ['mutated files', mutatedFiles, 200],
  ['hostile files', hostileFiles, 3],
  ['frames', frames, 6],
])('the soak finds nothing wrong with a few %s', async (_, part, count) => {
  const tally = new Tally();
  let items = 0;
  await part({ seed: 1, from: 0, count }, tally, () => items++);
  expect(tally.failures).toEqual([]);
  expect(items).toBeGreaterThanOrEqual(count);
});

test('the soak has at least 200 hostile files, each of its own name', () => {
  const names = new Set(HOSTILE_FILES.map(({ name }) => name));
  expect(names.size).toBe(HOSTILE_FILES.length);
  expect(names.size).toBeGreaterThanOrEqual(200);
});
