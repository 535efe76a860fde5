import type { CpuRunnerOptions } from './cpu/cpu-runner';
import { Engine, type EngineOptions } from './engine';
import { ArgumentError, WebGPUUnavailableError } from './errors';
import type { Runner } from './runner';

export interface OpenRunnerOptions extends EngineOptions, CpuRunnerOptions {
  /** 'cpu' computes in workers where there is no WebGPU. Without it, that is an error. */
  readonly fallback?: 'cpu';
}

/**
 * Opens an engine or, if that is asked for and there is no WebGPU, a {@link CpuRunner}, which is only loaded then. The
 * runner's `kind`, 'gpu' or 'cpu', says which it is.
 *
 * ```ts
 * const runner = await openRunner({ fallback: 'cpu' });
 * const classifier = await ImageClassifier.load(runner, 'classifier.safetensors');
 * ```
 *
 * @throws WebGPUUnavailableError without a fallback, ArgumentError
 */
export async function openRunner({ fallback, threads, urls, ...options }: OpenRunnerOptions = {}): Promise<Runner> {
  if (fallback !== undefined && fallback !== 'cpu') throw new ArgumentError(`fallback must be cpu, got ${fallback}`);
  try {
    return await Engine.create(options);
  } catch (error) {
    if (!fallback || !(error instanceof WebGPUUnavailableError)) throw error;
    const { CpuRunner } = await import('./cpu/cpu-runner');
    return new CpuRunner({ threads, urls, maxActivationBytes: options.maxActivationBytes });
  }
}
