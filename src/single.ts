/**
 * `fovea/single`: all of `fovea`, `fovea/onnx`, `fovea/graph`, `fovea/live` and `fovea/tasks` in one file without dynamic imports, for
 * service workers, extensions and servers that take one file. It is several times as large as what `fovea` loads.
 */
import { Engine } from './engine';
import { ArgumentError } from './errors';
import type { OpenRunnerOptions } from './open-runner';
import type { Runner } from './runner';

export * from './formats/onnx';
export * from './graph';
export * from './index';
export * from './tasks';
export * from './tasks/live-view';

/** @throws ArgumentError when the CPU is asked for: its workers are files of their own, see {@link Engine.create} for more */
export async function openRunner({ fallback, threads, urls, ...options }: OpenRunnerOptions = {}): Promise<Runner> {
  if (fallback ?? threads ?? urls) {
    throw new ArgumentError(
      'fovea/single has no CPU runner, whose workers are files of their own: take openRunner of fovea',
    );
  }
  return Engine.create(options);
}
