import type { Graph, LoadedGraph, Runner, Tensor } from '../src';
import type { WorkerAnswer, WorkerRequest } from './cpu-worker';
import { revived } from './tensors';

interface Waiting {
  resolve(outputs: Record<string, Tensor>): void;
  reject(error: Error): void;
}

/** The reference in a worker, so that the page stays alive: right, and slow. */
export class WorkerRunner implements Runner {
  readonly kind = 'reference';
  readonly name = 'CPU reference';
  readonly #worker = new Worker(new URL('./cpu-worker.ts', import.meta.url), { type: 'module' });
  readonly #waiting = new Map<number, Waiting>();
  #models = 0;
  #runs = 0;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => {
      const waiting = this.#waiting.get(data.run);
      this.#waiting.delete(data.run);
      if ('error' in data) waiting?.reject(new Error(data.error));
      else waiting?.resolve(Object.fromEntries(revived(data.outputs)));
    };
    this.#worker.onerror = ({ message }) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(message));
      this.#waiting.clear();
    };
  }

  async load(graph: Graph): Promise<LoadedGraph> {
    const model = ++this.#models;
    this.#post({ kind: 'load', model, graph });
    return {
      graph,
      run: (inputs, { outputs } = {}) =>
        new Promise((resolve, reject) => {
          const run = ++this.#runs;
          this.#waiting.set(run, { resolve, reject });
          this.#post({ kind: 'run', model, run, inputs, outputs });
        }),
      dispose: () => this.#post({ kind: 'dispose', model }),
    };
  }

  dispose(): void {
    this.#worker.terminate();
  }

  #post(request: WorkerRequest): void {
    this.#worker.postMessage(request);
  }
}
