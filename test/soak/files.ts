import { createNodeGpu } from '../../src/cli/node-gpu';
import { compareTensors } from '../../src/compare-tensors';
import { Engine } from '../../src/engine';
import { FoveaError } from '../../src/errors';
import { readNpy, writeNpy } from '../../src/formats/npy';
import { importOnnx, readTensorFile } from '../../src/formats/onnx';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors';
import { PORTABLE_DEVICE } from '../../src/gpu/adapter-profile';
import { planGraph } from '../../src/gpu/plan-graph';
import type { Graph } from '../../src/graph/graph';
import { graphStatistics } from '../../src/graph/statistics';
import { runReference } from '../../src/reference';
import { sizeOf, Tensor } from '../../src/tensor';
import { garble } from '../formats/fuzz-models';
import { damaged } from '../formats/mutations';
import { EXAMPLE_MODELS } from '../formats/onnx-examples';
import { EXPORTER_MODELS } from '../formats/onnx-exporter-examples';
import { onnxFile, tensorFile } from '../formats/onnx-file';
import { INDEX_MODELS } from '../formats/onnx-index-examples';
import { RESIZE_MODELS } from '../formats/onnx-resize-examples';
import { collectGarbage } from '../support/garbage';
import { Random } from '../support/random';
import { HOSTILE_FILES } from './hostile';
import { breathe, type Job, type Tally } from './tally';

/** Processor time, so that a busy machine does not count. */
const MOST_SECONDS = 2;
const MOST_ACTIVATION_BYTES = 2 ** 30;
/** One planned file of so many is run, on the GPU and on the reference. */
const RUN_ONE_OF = 300;
/** An engine keeps the pipelines of all that it ever ran, and these files have nothing in common: then the next takes over. */
const RUNS_OF_ENGINE = 20;
/** A network that takes more is not run: the reference is slow. */
const MOST_FLOPS = 1e6;
const MOST_ELEMENTS = 1e5;
const MOST_NODES = 1000;
/** Where values are larger, their squares and sums may be beyond float32 on the way to a result that is not. */
const MOST_MAGNITUDE = 1e18;
/** Sums of a few hundred float32 numbers through a few layers. */
const TOLERANCE = { ofLargest: 1e-3, absolute: 1e-6 };

type Kind = 'onnx' | 'tensor' | 'safetensors' | 'npy';

/** A file that is no network is read; one that is is planned as well. */
const READERS: Readonly<Record<Kind, (bytes: Uint8Array) => Graph | undefined>> = {
  onnx: (bytes) => importOnnx(bytes),
  tensor: (bytes) => void readTensorFile(bytes),
  safetensors: (bytes) => void readSafetensors(bytes, 'soak.safetensors'),
  npy: (bytes) => void readNpy(bytes, 'soak.npy'),
};

const models = [...EXAMPLE_MODELS, ...EXPORTER_MODELS, ...INDEX_MODELS, ...RESIZE_MODELS].map(([, model]) => model);
const random = new Random(7);
const tensors = new Map<string, Tensor>([
  ['conv.weight', random.tensor([4, 3, 3, 3])],
  ['classes', Tensor.int32([5], [0, -1, 2, 3, 80])],
  ['scalar', random.tensor([])],
]);

const nonsense = (from: Random): Uint8Array => onnxFile(garble(models[Math.floor(from.next() * models.length)], from));
const onnx = damaged(models.map(onnxFile));
const safetensors = damaged([writeSafetensors(tensors, { format: 'pt' }), writeSafetensors(tensors, {}, 'f16')]);
const npy = damaged([...tensors.values()].map((tensor) => writeNpy(tensor)));
const tensor = damaged([
  tensorFile({ name: 'x', type: 1, dims: [2, 3], raw: new Uint8Array(24) }),
  tensorFile({ name: 'x', type: 7, dims: [2], int64s: [1, -5] }),
]);

/** From these up to a hundred: a file's place in its hundred tells its kind. Most are networks. */
const KINDS: readonly (readonly [before: number, kind: Kind, make: (from: Random) => Uint8Array])[] = [
  [45, 'onnx', nonsense],
  [85, 'onnx', onnx],
  [93, 'safetensors', safetensors],
  [98, 'npy', npy],
  [100, 'tensor', tensor],
];

/** A file of its own for every seed and index, so that any can be made again. */
function mutatedFile(seed: number, index: number): { kind: Kind; bytes: Uint8Array } {
  const [, kind, make] = KINDS.find(([before]) => index % 100 < before)!;
  return { kind, bytes: make(new Random(seed * 0x9e3779b1 + index)) };
}

/** Files that chance damaged: each is read, folded and planned, or refused by an error of Fovea's. */
export async function mutatedFiles(
  { seed, from, count }: Job,
  tally: Tally,
  at: (item: number) => void,
): Promise<void> {
  const reader = new FileReader(tally);
  for (let index = from; index < from + count; index++) {
    at(index);
    if (index % 50 === 0) await breathe();
    const { kind, bytes } = mutatedFile(seed, index);
    const graph = await reader.read(kind, bytes, () => `file ${index} of seed ${seed}`);
    if (graph && tally.counts.planned % RUN_ONE_OF === 0) await reader.run(graph, `file ${index} of seed ${seed}`);
  }
  reader.dispose();
}

/** Files that were made to do harm. All that are planned and small are run. */
export async function hostileFiles({ from, count }: Job, tally: Tally, at: (item: number) => void): Promise<void> {
  const reader = new FileReader(tally);
  for (const [offset, { name, kind = 'onnx', bytes }] of HOSTILE_FILES.slice(from, from + count).entries()) {
    at(from + offset);
    await breathe();
    const graph = await reader.read(kind, bytes(), () => `"${name}"`);
    if (graph) await reader.run(graph, `"${name}"`);
  }
  reader.dispose();
}

export class FileReader {
  #engine: Engine | undefined;
  #runs = 0;

  constructor(private readonly tally: Tally) {}

  /** Reads a file and plans its network, if it has one; that graph. */
  async read(kind: Kind, bytes: Uint8Array, name: () => string): Promise<Graph | undefined> {
    const { tally } = this;
    const describe = (): string => `${name()}, ${kind}: ${Buffer.from(bytes).toString('base64')}`;
    const before = process.cpuUsage();
    let graph: Graph | undefined;
    try {
      graph = READERS[kind](bytes);
      if (graph) {
        const options = {
          precision: 'f32',
          device: PORTABLE_DEVICE,
          maxActivationBytes: MOST_ACTIVATION_BYTES,
        } as const;
        await planGraph(graph, options);
      }
      tally.count(graph ? 'planned' : 'read');
    } catch (error) {
      graph = undefined;
      if (error instanceof FoveaError) tally.count('refused');
      else tally.fail('escape', `${(error as Error)?.stack ?? error} in ${describe()}`);
    }
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    tally.counts.longestMs = Math.max(tally.counts.longestMs ?? 0, Math.round(seconds * 1000));
    if (seconds > MOST_SECONDS) tally.fail('hang', `${seconds} s for ${describe()}`);
    return graph;
  }

  /** Runs a small network on the GPU and holds it to the reference; both may refuse it. */
  async run(graph: Graph, name: string): Promise<void> {
    const { tally } = this;
    const elements = [...graph.values.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    if (graph.nodes.length > MOST_NODES || elements > MOST_ELEMENTS) return;
    if (graphStatistics(graph).flops > MOST_FLOPS) return;
    const inputs = Object.fromEntries(graph.inputs.map((input) => [input, inputFor(graph, input)] as const));
    if (this.#runs++ % RUNS_OF_ENGINE === 0) {
      this.dispose();
      // V8 does not see the pipelines that its small objects keep.
      collectGarbage();
    }
    this.#engine ??= await Engine.create({ gpu: await keptGpu() });
    try {
      const everything = runReference({ ...graph, outputs: graph.nodes.flatMap(({ outputs }) => outputs) }, inputs);
      const isTooLarge = (value: number): boolean => Math.abs(value) > MOST_MAGNITUDE && Number.isFinite(value);
      if ([...everything.values(), ...graph.constants.values()].some(({ data }) => data.some(isTooLarge))) return;
      const expected = runReference(graph, inputs);
      const model = await this.#engine.load(graph);
      const actual = await model.run(inputs);
      model.dispose();
      tally.count('run');
      for (const [output, tensor] of expected) {
        const { mismatch } = compareTensors(actual[output], tensor, TOLERANCE);
        if (mismatch) tally.fail('wrong', `output "${output}" of ${name} ${mismatch}`);
      }
    } catch (error) {
      if (error instanceof FoveaError) tally.count('refused at run');
      else tally.fail('escape', `${(error as Error)?.stack ?? error} at the run of ${name}`);
    }
  }

  dispose(): void {
    this.#engine?.dispose();
    this.#engine = undefined;
  }
}

let gpu: Promise<GPU> | undefined;

/** Dawn's devices end with their GPU object, which therefore is kept. */
export function keptGpu(): Promise<GPU> {
  gpu ??= createNodeGpu();
  return gpu;
}

function inputFor(graph: Graph, name: string): Tensor {
  const { shape, dtype } = graph.values.get(name)!;
  const from = new Random(sizeOf(shape));
  if (dtype === 'float32') return from.tensor(shape);
  const integers = Array.from({ length: sizeOf(shape) }, () => Math.floor(from.next() * 2));
  return dtype === 'bool' ? Tensor.bool(shape, integers) : Tensor.int32(shape, integers);
}
