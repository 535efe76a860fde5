// In the page: runs one engine on one network. Imported before the engine, as it counts what the engine does.
import { fetchBytes, fetchNumbers, type NetworkJob, type Open } from './engines/engine';
import { counts, memory } from './probe';
import type { Sample } from './report';

/** How long a network is run after its first answer: until both bounds of the least are met, or the most is reached. */
export interface SteadyBounds {
  readonly leastRuns: number;
  readonly leastMs: number;
  readonly mostRuns: number;
}

export interface Job {
  /** Address of the engine's module. */
  readonly engine: string;
  readonly network: NetworkJob;
  /** Address of the input's numbers. */
  readonly input: string;
  readonly steady: SteadyBounds;
}

export type Measured = Omit<Sample, 'downloadBytes'> & { readonly answers: readonly (readonly number[])[] };

/** Marks for the server where what the engine downloads begins. */
export const COLD = '/cold';

export async function measure({ engine, network, input, steady }: Job): Promise<Measured> {
  const numbers = await fetchNumbers(input);
  await fetchBytes(COLD);
  const start = performance.now();
  const { open } = (await import(/* @vite-ignore */ engine)) as { open: Open };
  const run = await open(network);
  const first = await run(numbers);
  const coldMs = performance.now() - start;
  const answers = first.map((answer) => Array.from(answer));
  // Some engines compile or choose once more when a network runs again.
  await run(numbers);

  const before = { ...counts };
  const steadyMs: number[] = [];
  const began = performance.now();
  while (steadyMs.length < steady.mostRuns) {
    const runStart = performance.now();
    await run(numbers);
    steadyMs.push(performance.now() - runStart);
    if (steadyMs.length >= steady.leastRuns && performance.now() - began >= steady.leastMs) break;
  }
  const perFrame = (count: keyof typeof counts): number => (counts[count] - before[count]) / steadyMs.length;
  return {
    coldMs,
    steadyMs,
    dispatches: perFrame('dispatches'),
    submits: perFrame('submits'),
    objectsPerFrame: perFrame('objects'),
    peakGpuBytes: memory.peakBytes,
    answers,
  };
}
