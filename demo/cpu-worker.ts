import type { Graph, LoadedGraph, Tensor } from '../src';
import { ReferenceRunner } from '../src/reference/runner';
import { revived } from './tensors';

/** Models and runs are numbered by whoever asks. */
export type WorkerRequest = { readonly model: number } & (
  | { readonly kind: 'load'; readonly graph: Graph }
  | {
      readonly kind: 'run';
      readonly run: number;
      readonly inputs: Readonly<Record<string, Tensor>>;
      readonly outputs?: readonly string[];
    }
  | { readonly kind: 'dispose' }
);

export type WorkerAnswer = { readonly run: number } & (
  | { readonly outputs: ReadonlyMap<string, Tensor> }
  | { readonly error: string }
);

const runner = new ReferenceRunner();
const models = new Map<number, Promise<LoadedGraph>>();

self.onmessage = async ({ data }: MessageEvent<WorkerRequest>) => {
  switch (data.kind) {
    case 'load':
      models.set(data.model, runner.load({ ...data.graph, constants: revived(data.graph.constants) }));
      break;
    case 'run':
      self.postMessage(await answer(data));
      break;
    case 'dispose':
      models.delete(data.model);
  }
};

async function answer({ model, run, inputs, outputs }: WorkerRequest & { kind: 'run' }): Promise<WorkerAnswer> {
  try {
    const loaded = (await models.get(model))!;
    return { run, outputs: new Map(Object.entries(await loaded.run(inputs, { outputs }))) };
  } catch (error) {
    return { run, error: error instanceof Error ? error.message : String(error) };
  }
}
