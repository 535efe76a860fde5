import { expect, onTestFinished, test } from 'vitest';
import type { Open, Run } from '../../bench/engines/engine';
import { COLD } from '../../bench/jobs';
import { type Measured, measure } from '../../bench/page';
import { counts } from '../../bench/probe';
import { serve } from '../../bench/server';

/** Measures an engine that answers as `run` does, over ten frames after the first answer. */
async function measured(run: Run): Promise<Measured> {
  const server = await serve(new Map([['/input', new Uint8Array(new Float32Array([1, 2]).buffer)]]), new Map(), COLD);
  onTestFinished(() => server.close());
  const open: Open = async () => ({ run, watch: async () => [] });
  const network = { name: 'net', input: { name: 'x', shape: [1, 2], range: 1 }, outputs: ['y'], files: {} };
  const steady = { leastRuns: 10, leastMs: 0, mostRuns: 10 };
  const job = { network, input: `${server.url}/input`, steady, video: false };
  return measure(async () => open, job, server.url + COLD);
}

test('an engine answers the given input, and its first frame is left out', async () => {
  const { answers, steadyMs, coldMs } = await measured(async ([a, b]) => [Float32Array.of(a + b)]);
  expect(answers).toEqual([[3]]);
  expect(steadyMs).toHaveLength(9);
  expect(coldMs).toBeGreaterThan(0);
});

test('objects made for every third frame count as a third for each', async () => {
  let frame = 0;
  const { objectsPerFrame, submits } = await measured(async () => {
    counts.submits++;
    if (frame++ % 3 === 0) counts.objects++;
    return [Float32Array.of(1)];
  });
  expect(submits).toBe(1);
  expect(objectsPerFrame).toBeCloseTo(1 / 3, 12);
});

test('an engine whose answers change from frame to frame is refused', async () => {
  let frame = 0;
  await expect(measured(async () => [Float32Array.of(frame++)])).rejects.toThrow(
    'the last frame answers other than the first: output 0 is 10 at [0], expected 0',
  );
});
