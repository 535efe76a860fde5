import {
  type AdapterReport,
  type Detection,
  DownloadError,
  type DownloadProgress,
  download,
  type Engine,
  type Graph,
  ImageClassifier,
  ImageSegmenter,
  ModelFormatError,
  ObjectDetector,
  type Picture,
  readSafetensors,
  type Tensor,
  type VisionModel,
} from '../src';
import { dropDead } from '../src/graph/passes/drop-dead';
import { buildVisionModel } from '../src/models';
import { compileAhead } from '../src/tasks/load-model';
import { CpuBackend } from './cpu-backend';

export type Task = 'classify' | 'detect' | 'segment';
export const TASKS: readonly Task[] = ['classify', 'detect', 'segment'];

/** Addresses of the weights that this copy of the page was built with. */
const FOUND = import.meta.glob<string>('../weights/*.safetensors', { query: '?url', import: 'default', eager: true });

const FILES: Readonly<Record<Task, string>> = {
  classify: 'classifier.safetensors',
  detect: 'detector.safetensors',
  segment: 'segmenter.safetensors',
};

/** @throws DownloadError when the page was built without them */
function weightsUrl(task: Task): string {
  const url = FOUND[`../weights/${FILES[task]}`];
  if (url) return url;
  throw new DownloadError(
    `This copy of the page was built without weights/${FILES[task]}. weights/training/README.md says how to make it.`,
  );
}

/** The class of every pixel, row by row from the top. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly labels: readonly string[];
  readonly classes: Uint8Array;
}

/** What answers: the engine on the GPU, or the references on the CPU. */
export interface Backend {
  readonly adapter: string;
  /** Undefined on the CPU. */
  readonly engine: Engine | undefined;
  classify(picture: Picture): Promise<Float32Array>;
  detect(picture: Picture): Promise<Detection[]>;
  segment(picture: Picture): Promise<Mask>;
  /** What a network, run as it is written, makes of its input on the way, by name. */
  values(graph: Graph, input: Tensor, names: readonly string[]): Promise<ReadonlyMap<string, Tensor>>;
}

export type Models = Readonly<Record<Task, VisionModel>>;

/** Downloads the weights of the three networks side by side, with their progress in one; shaders are compiled meanwhile. */
export async function loadModels(
  engine: Promise<Engine | undefined>,
  onProgress: (progress: DownloadProgress) => void,
  signal: AbortSignal,
): Promise<Models> {
  const parts = new Map<Task, DownloadProgress>();
  const load = async (task: Task, cache: 'default' | 'reload' = 'default'): Promise<VisionModel> => {
    const bytes = await download(weightsUrl(task), {
      signal,
      cache,
      onBytes: compileAhead(engine, async (head) => buildVisionModel(head, FILES[task]).graph),
      onProgress: (progress) => {
        parts.set(task, progress);
        onProgress(together([...parts.values()], TASKS.length));
      },
    });
    try {
      return buildVisionModel(readSafetensors(bytes, FILES[task]), FILES[task]);
    } catch (error) {
      // The copy that the browser keeps may be damaged: once, another is fetched.
      if (error instanceof ModelFormatError && cache === 'default') return load(task, 'reload');
      throw error;
    }
  };
  const [classify, detect, segment] = await Promise.all(TASKS.map((task) => load(task)));
  return { classify, detect, segment };
}

/** The progress of so many downloads as one; how much there is in all is known once each has told. */
export function together(parts: readonly DownloadProgress[], count: number): DownloadProgress {
  const totals = parts.flatMap(({ total }) => total ?? []);
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  return { loaded: sum(parts.map(({ loaded }) => loaded)), total: totals.length === count ? sum(totals) : undefined };
}

/** The graph with other outputs. */
export function endingAt(graph: Graph, outputs: readonly string[]): Graph {
  const rowCounts = new Map([...(graph.rowCounts ?? [])].filter(([output]) => outputs.includes(output)));
  return { ...graph, outputs, rowCounts };
}

/** The three tasks on the GPU. */
export class GpuBackend implements Backend {
  private constructor(
    readonly engine: Engine,
    readonly classifier: ImageClassifier,
    readonly detector: ObjectDetector,
    readonly segmenter: ImageSegmenter,
  ) {}

  static async create(engine: Engine, models: Models): Promise<GpuBackend> {
    const [classifier, detector, segmenter] = await Promise.all([
      ImageClassifier.load(engine, models.classify),
      ObjectDetector.load(engine, models.detect),
      ImageSegmenter.load(engine, models.segment),
    ]);
    return new GpuBackend(engine, classifier, detector, segmenter);
  }

  get adapter(): string {
    return describeAdapter(this.engine.adapter);
  }

  classify(picture: Picture): Promise<Float32Array> {
    return this.classifier.scores(picture);
  }

  detect(picture: Picture): Promise<Detection[]> {
    return this.detector.candidates(picture);
  }

  segment(picture: Picture): Promise<Mask> {
    return this.segmenter.segment(picture);
  }

  async values(graph: Graph, input: Tensor, names: readonly string[]) {
    const part = dropDead(endingAt(graph, names));
    const model = await this.engine.load(part, { optimise: false });
    try {
      return new Map(Object.entries(await model.run({ [graph.inputs[0]]: input })));
    } finally {
      model.dispose();
    }
  }
}

export const describeAdapter = ({ name, software }: AdapterReport): string =>
  software ? `${name} (software: it computes on the CPU)` : name;

export const makeCpuBackend = (models: Models): CpuBackend => new CpuBackend(models);
