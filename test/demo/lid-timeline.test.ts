import { expect, test } from 'vitest';
import { assembled, lengthOf } from '../../demo/lid/timeline/frame';
import { rooflineOf } from '../../demo/lid/timeline/roofline';
import { tickOf } from '../../demo/lid/timeline/track';

const bounds = { multiplyAddsPerSecond: 1e9, bytesPerSecond: 1e9, launchMs: 0.01 };

test.each([
  ['arithmetic', { flops: 4e6, elementsMoved: 100 }, { launch: 0.01, memory: 4e-4, arithmetic: 2 }],
  ['memory', { flops: 2e3, elementsMoved: 250_000 }, { launch: 0.01, memory: 1, arithmetic: 1e-3 }],
  ['launch', { flops: 2, elementsMoved: 10 }, { launch: 0.01, memory: 4e-5, arithmetic: 1e-6 }],
] as const)('a layer is bound by %s where that takes longest at best', (limit, costs, leastMs) => {
  const roofline = rooflineOf({ ...costs, step: undefined }, bounds, 4);
  expect(roofline.limit).toBe(limit);
  for (const [name, ms] of Object.entries(leastMs))
    expect(roofline.leastMs[name as keyof typeof leastMs]).toBeCloseTo(ms, 9);
});

test('where there is no clock, layers follow each other with an empty launch between them', () => {
  const timing = { op: 'conv2d', kernel: '', setting: '', method: 'wall', repeats: 1, uncertaintyMs: 0 } as const;
  const timings = [
    { ...timing, node: 'a', timeMs: 1 },
    { ...timing, node: 'b', timeMs: 4 },
  ];
  const frame = assembled(timings, (node) => (node === 'a' ? ['one'] : ['first', 'second']), 0.5);
  expect(frame.spans.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
    [0, 1],
    [1.5, 3.5],
    [4, 6],
  ]);
  expect(lengthOf(frame)).toBe(6);
});

test.each([0.03, 1, 7, 123, 4567])('an axis of %f ms has six to fifteen round ticks', (lengthMs) => {
  const ticks = lengthMs / tickOf(lengthMs);
  expect(ticks).toBeGreaterThanOrEqual(6);
  expect(ticks).toBeLessThanOrEqual(15);
});
