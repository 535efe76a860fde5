import { Engine } from '../engine';
import { ArgumentError } from '../errors';
import { ReferenceRunner } from '../reference/runner';
import type { Runner } from '../runner';
import type { Output } from './command';
import { parseNumber } from './format';
import { createNodeGpu } from './node-gpu';
import { FileTuningCache } from './tuning-cache';

export const RUNNER_OPTIONS = {
  backend: {
    type: 'string',
    choices: ['gpu', 'cpu', 'fast-cpu'],
    default: 'gpu',
    summary: 'run the shaders, the plain reference on the CPU, or fast kernels there',
  },
  precision: {
    type: 'string',
    choices: ['f32', 'f16'],
    default: 'f32',
    summary: 'how the GPU stores numbers; f16 needs shader-f16',
  },
  tune: {
    type: 'string',
    value: 'FILE',
    summary: 'first find the fastest kernel of each layer on this GPU; FILE keeps what was found',
  },
  'max-memory': {
    type: 'string',
    value: 'MB',
    summary: 'refuse a network whose values take more (default 1074 on the GPU, 537 on the CPU)',
  },
} as const;

/** Somebody who asks for tuning on a command line waits for it. */
const TUNING_BUDGET_MS = 60_000;

export interface RunnerOptions {
  readonly backend: 'gpu' | 'cpu' | 'fast-cpu';
  readonly precision: 'f32' | 'f16';
  /** Path of the file that keeps the results of tuning; without it nothing is tuned. */
  readonly tune?: string;
  /** In megabytes. */
  readonly 'max-memory'?: string;
}

/**
 * Opens the runner that the options name for a piece of work, and disposes it afterwards.
 *
 * @throws WebGPUUnavailableError, ArgumentError when the CPU is asked for float16 or tuning
 */
export async function withRunner<T>(
  options: RunnerOptions,
  output: Output,
  work: (runner: Runner) => Promise<T>,
): Promise<T> {
  const runner = await openRunner(options, output);
  try {
    return await work(runner);
  } finally {
    runner.dispose();
  }
}

async function openRunner(options: RunnerOptions, output: Output): Promise<Runner> {
  const { backend, precision, tune, 'max-memory': megabytes } = options;
  const budget = megabytes !== undefined && {
    maxActivationBytes: parseNumber('max-memory', megabytes, { least: 1 }) * 1e6,
  };
  if (backend !== 'gpu') {
    if (precision === 'f16') throw new ArgumentError(`--precision f16 is the GPU backend’s; ${backend} has none`);
    if (tune !== undefined) throw new ArgumentError(`--tune is the GPU backend’s; ${backend} has one way only`);
    return backend === 'cpu'
      ? new ReferenceRunner({ ...budget })
      : new (await import('../cpu/cpu-runner')).CpuRunner({ ...budget });
  }
  const tuning = tune !== undefined && {
    cache: FileTuningCache.open(tune),
    budgetMs: TUNING_BUDGET_MS,
    thorough: true,
  };
  const engine = await Engine.create({ gpu: await createNodeGpu(), precision, tune: tuning, ...budget });
  const { name, software } = engine.adapter;
  // A software adapter computes on the CPU after all.
  if (software && output.interactive) output.err(`${name} is a software adapter: correct, and slow\n`);
  return engine;
}
