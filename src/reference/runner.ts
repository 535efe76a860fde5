/** `fovea/reference`: networks on the CPU, one plain function per operator. An entry point of its own. */
import { DisposedError } from '../errors';
import type { Graph } from '../graph/graph';
import { checkLiveMemory } from '../graph/live-memory';
import type { MemoryBudget } from '../graph/memory-budget';
import type { LoadedGraph, Runner } from '../runner';
import { runReference } from '.';

/**
 * Runs networks on the CPU without WebGPU: right, and slow. A run blocks its thread, so a page uses a worker.
 *
 * ```ts
 * const classifier = await ImageClassifier.load(new ReferenceRunner(), 'classifier.safetensors');
 * ```
 */
export class ReferenceRunner implements Runner {
  readonly kind = 'reference';
  readonly name = 'CPU reference';

  constructor(private readonly options: MemoryBudget = {}) {}

  /** @throws OutOfMemoryError */
  async load(graph: Graph): Promise<LoadedGraph> {
    checkLiveMemory(graph, this.options.maxActivationBytes);
    let disposed = false;
    return {
      graph,
      async run(inputs, { outputs } = {}) {
        if (disposed) throw new DisposedError(`model "${graph.name}" was disposed`);
        return Object.fromEntries(runReference(graph, inputs, outputs));
      },
      dispose() {
        disposed = true;
      },
    };
  }

  dispose(): void {}
}
