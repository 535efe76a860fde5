import { Engine } from '../engine';
import { ArgumentError } from '../errors';
import type { Graph } from '../graph/graph';
import { runReference } from '../reference';
import { Tensor } from '../tensor';
import type { Output } from './command';
import { createNodeGpu } from './node-gpu';
import { FileTuningCache } from './tuning-cache';

export const BACKEND_OPTIONS = {
  backend: {
    type: 'string',
    choices: ['gpu', 'cpu'],
    default: 'gpu',
    summary: 'run the shaders, or the plain reference on the CPU',
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
} as const;

/** Who asks for tuning on a command line waits for it. */
const TUNING_BUDGET_MS = 60_000;

export interface BackendOptions {
  readonly backend: 'gpu' | 'cpu';
  readonly precision: 'f32' | 'f16';
  /** Path of the file that keeps what tuning found; without it nothing is tuned. */
  readonly tune?: string;
}

/** A network made ready on some backend. */
export interface LoadedNetwork {
  /** Runs on one set of inputs and returns the values named, by default the graph's outputs. */
  run(inputs: Readonly<Record<string, Tensor>>, outputs?: readonly string[]): Promise<Map<string, Tensor>>;
  dispose(): void;
}

/** Something that runs networks. */
export interface Backend {
  readonly name: 'gpu' | 'cpu';
  /** The adapter's name; `cpu` for the reference. */
  readonly adapter: string;
  /** The engine of the GPU backend. */
  readonly engine?: Engine;
  load(graph: Graph): Promise<LoadedNetwork>;
  dispose(): void;
}

/**
 * Opens the backend that the options name, and says so when the adapter computes on the CPU after all.
 *
 * @throws WebGPUUnavailableError, ArgumentError when the reference is asked for float16
 */
export async function openBackend({ backend, precision, tune }: BackendOptions, output: Output): Promise<Backend> {
  if (backend === 'cpu') {
    if (precision === 'f16') throw new ArgumentError('--precision f16 is the GPU backend’s; the reference is float64');
    if (tune !== undefined) throw new ArgumentError('--tune is the GPU backend’s; the reference has one way only');
    return {
      name: 'cpu',
      adapter: 'cpu',
      load: async (graph) => ({
        run: async (inputs, outputs = graph.outputs) => runTrimmed(graph, inputs, outputs),
        dispose: () => {},
      }),
      dispose: () => {},
    };
  }
  const tuning = tune !== undefined && { cache: FileTuningCache.open(tune), budgetMs: TUNING_BUDGET_MS };
  const engine = await Engine.create({ gpu: await createNodeGpu(), precision, tune: tuning });
  const { name, software } = engine.adapter;
  if (software && output.interactive) output.err(`${name} is a software adapter: correct, and slow\n`);
  return {
    name: 'gpu',
    adapter: name,
    engine,
    async load(graph) {
      const model = await engine.load(graph);
      return {
        run: async (inputs, outputs) => new Map(Object.entries(await model.run(inputs, { outputs }))),
        dispose: () => model.dispose(),
      };
    },
    dispose: () => engine.dispose(),
  };
}

/** Keeps the rows that count, of outputs whose length only the run could tell; the GPU's read-back does so too. */
function runTrimmed(
  graph: Graph,
  inputs: Readonly<Record<string, Tensor>>,
  outputs: readonly string[],
): Map<string, Tensor> {
  const counters = outputs.flatMap((name) => graph.rowCounts?.get(name) ?? []);
  const values = runReference(graph, inputs, [...new Set([...outputs, ...counters])]);
  return new Map(
    outputs.map((name) => {
      const tensor = values.get(name)!;
      const counter = graph.rowCounts?.get(name);
      if (counter === undefined) return [name, tensor];
      const trimmed = Tensor.zeros(tensor.dtype, tensor.shape.with(0, values.get(counter)!.data[0]));
      trimmed.data.set(tensor.data.subarray(0, trimmed.size));
      return [name, trimmed];
    }),
  );
}
