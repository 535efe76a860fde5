import { expect, test } from 'vitest';
import { answersOf } from './answers';

const { sourceOf, undoingGroups } = await answersOf<typeof import('./solutions/8')>(8);

const shuffled = (channels: readonly number[], groups: number): number[] =>
  channels.map((_, channel) => channels[sourceOf(channel, channels.length, groups)]);

test('exercise 1: channels of all groups take turns', () => {
  expect(shuffled([0, 1, 2, 3, 4, 5], 2)).toEqual([0, 3, 1, 4, 2, 5]);
  expect(shuffled([0, 1, 2, 3, 4, 5], 3)).toEqual([0, 2, 4, 1, 3, 5]);
  expect(shuffled([0, 1, 2, 3], 1)).toEqual([0, 1, 2, 3]);
});

test('exercise 2: a second shuffle brings every channel back', () => {
  for (const [channels, groups] of [
    [6, 2],
    [6, 3],
    [24, 4],
    [5, 5],
  ]) {
    const order = Array.from({ length: channels }, (_, channel) => channel);
    expect(shuffled(shuffled(order, groups), undoingGroups(channels, groups))).toEqual(order);
  }
});
