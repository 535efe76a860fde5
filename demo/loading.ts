import {
  type AdapterReport,
  DownloadError,
  type DownloadProgress,
  downloadAs,
  type Graph,
  type Runner,
  readSafetensors,
  type SafetensorsFile,
  type Tensor,
  type VisionModel,
} from '../src';
import { compileAhead } from '../src/tasks/load-model';
import { CARDS } from './cards';

/** Addresses of the weights that this copy of the page was built with. */
const FOUND = import.meta.glob<string>('../weights/*.safetensors', { query: '?url', import: 'default', eager: true });

/** @throws DownloadError when the page was built without them */
function weightsUrl(file: string): string {
  const url = FOUND[`../weights/${file}`];
  if (url) return url;
  throw new DownloadError(
    `This copy of the page was built without weights/${file}. weights/training/README.md says how to make it.`,
  );
}

/** The networks by task. */
export type Models = Readonly<Record<string, VisionModel>>;

/** The networks' definitions are downloaded beside their weights. */
const build = async (file: SafetensorsFile, name: string): Promise<VisionModel> =>
  (await import('../src/models')).buildVisionModel(file, name);

/** Downloads the networks' weights side by side, with their progress in one; shaders are compiled meanwhile. */
export async function loadModels(
  engine: Promise<Runner | undefined>,
  onProgress: (progress: DownloadProgress) => void,
  signal: AbortSignal,
): Promise<Models> {
  const parts = new Map<string, DownloadProgress>();
  const load = (file: string): Promise<VisionModel> =>
    downloadAs(weightsUrl(file), async (bytes) => build(readSafetensors(bytes, file), file), {
      signal,
      onBytes: compileAhead(engine, async (head) => (await build(head, file)).graph),
      onProgress: (progress) => {
        parts.set(file, progress);
        onProgress(together([...parts.values()], CARDS.length));
      },
    });
  return Object.fromEntries(await Promise.all(CARDS.map(async ({ name, file }) => [name, await load(file)] as const)));
}

/** The progress of so many downloads as one; how much there is in all is known once each has told. */
export function together(parts: readonly DownloadProgress[], count: number): DownloadProgress {
  const totals = parts.flatMap(({ total }) => total ?? []);
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  return { loaded: sum(parts.map(({ loaded }) => loaded)), total: totals.length === count ? sum(totals) : undefined };
}

let cpu: Promise<Runner> | undefined;

/** What answers without WebGPU: one for the whole page, downloaded only then. */
export function openCpuRunner(): Promise<Runner> {
  cpu ??= import('../src/cpu/cpu-runner').then(({ CpuRunner }) => new CpuRunner());
  return cpu;
}

/** Values on a network's way from its input, by name. The network runs as it is written. */
export async function valuesOf(
  runner: Runner,
  graph: Graph,
  input: Tensor,
  outputs: readonly string[],
): Promise<ReadonlyMap<string, Tensor>> {
  const { dropDead } = await import('../src/graph/passes/drop-dead');
  const rowCounts = new Map([...(graph.rowCounts ?? [])].filter(([output]) => outputs.includes(output)));
  const model = await runner.load(dropDead({ ...graph, outputs, rowCounts }), { optimise: false });
  try {
    return new Map(Object.entries(await model.run({ [graph.inputs[0]]: input })));
  } finally {
    model.dispose();
  }
}

export const describeAdapter = ({ name, software }: AdapterReport): string =>
  software ? `${name} (software: it computes on the CPU)` : name;
