import { checkOptions } from '../arguments';
import { Engine } from '../engine';
import type { Preparation } from '../picture';
import type { Runner } from '../runner';
import { loadVisionModel, type ModelOptions, type ModelSource } from './load-model';
import type { Picture } from './picture';
import { checkPictureInput, PictureModel } from './picture-model';
import type { PictureNetwork, PictureRun, Task, Values } from './task';

interface TaskClass<T, Result, Outputs> {
  readonly task: Task<Result, Outputs>;
  new (task: Task<Result, Outputs>, network: PictureNetwork<Outputs>, labels: readonly string[]): T;
}

/** Every option, so that a misspelt one is refused. */
const MODEL_OPTIONS = {
  onProgress: true,
  onBytes: true,
  signal: true,
  sha256: true,
  cache: true,
  maxBytes: true,
  head: true,
  labels: true,
  preparation: true,
  config: true,
  preprocessorConfig: true,
  files: true,
} as const;

/** What is being made, or at once the signal's reason; what comes too late is disposed of. */
function unlessAborted<T extends { dispose(): void }>(making: Promise<T>, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal!.reason);
      making.then((made) => made.dispose()).catch(() => {});
    };
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    making.then(resolve, reject).finally(() => signal?.removeEventListener('abort', abort));
  });
}

/** A task with its network, ready to answer. The base of the tasks' classes. */
export class VisionTask<Result, Outputs = Values> {
  constructor(
    readonly task: Task<Result, Outputs>,
    readonly network: PictureNetwork<Outputs>,
    /** By class index. */
    readonly labels: readonly string[],
  ) {}

  /**
   * Loads a network for this task.
   *
   * @param runner an `Engine`, or a `ReferenceRunner` of `fovea/reference`
   * @param source a network of Fovea's own kind, or an ONNX file by other people
   * @param options what an ONNX file leaves open: `head`, `labels`, `preparation`
   * @throws DownloadError, ModelFormatError
   * @throws ArgumentError when the network is for another task or lacks what this one reads
   */
  static async load<T, Result, Outputs>(
    this: TaskClass<T, Result, Outputs>,
    runner: Runner,
    source: ModelSource,
    options: ModelOptions = {},
  ): Promise<T> {
    checkOptions(options, MODEL_OPTIONS);
    const { signal } = options;
    const { graph, labels, spec } = await loadVisionModel(runner, source, this.task, options);
    checkPictureInput(graph, spec);
    const { decoder } = this.task;
    const loading =
      runner instanceof Engine
        ? PictureModel.load(runner, graph, spec, decoder)
        : import('./cpu-picture-model').then(({ CpuPictureModel }) =>
            CpuPictureModel.load(runner, graph, spec, decoder),
          );
    return new this(this.task, await unlessAborted<PictureNetwork<Outputs>>(loading, signal), labels);
  }

  /** The whole result for a picture, before thresholds and the like. @throws ArgumentError, DeviceLostError, DisposedError */
  async answer(picture: Picture): Promise<Result> {
    return this.result(await this.network.run(picture));
  }

  /** How pictures are prepared and, for a network by other people, where each part of that was taken from. */
  get preparation(): Preparation {
    return this.network.spec;
  }

  result(run: PictureRun<Outputs>): Result {
    return this.task.result(run, this.labels, this.network.engine);
  }

  dispose(): void {
    this.network.dispose();
  }
}
