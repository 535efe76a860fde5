import { asBytes, kindOf } from '../arguments';
import { Engine } from '../engine';
import { ArgumentError } from '../errors';
import { type DownloadOptions, downloadAs } from '../formats/download';
import type { GpuTensor } from '../gpu/gpu-tensor';
import type { Graph } from '../graph/graph';
import type { Model } from '../model';
import type { Pair } from '../operators/window';
import { type PictureSpec, placePicture } from '../picture';
import { pictureToTensor } from '../reference/picture';
import type { LoadedGraph, Runner } from '../runner';
import { type Shape, Tensor } from '../tensor';
import { CutOut } from './background-remover';
import { toPixels } from './cpu-picture-model';
import { mapToPicture } from './map-to-picture';
import type { Picture } from './picture';

export interface VideoMatterOptions extends DownloadOptions {
  /** `[height, width]` of what the network sees of a frame. Default `[288, 512]`. */
  readonly size?: Pair;
  /** The share of that at which the coarse matte is made. Default: a long side of 512. */
  readonly downsampleRatio?: number;
}

/** What a recurrent network knows of the frames before: values by the names of its inputs. */
type State = Readonly<Record<string, Tensor | GpuTensor>>;

export const RATIO_INPUT = 'downsample_ratio';
export const STATE_INPUT = /^r\d+i$/;
const outputOf = (input: string): string => input.replace(/i$/, 'o');

/**
 * Cuts people out of video, frame after frame, with what it remembers of the frames before (Lin et al. 2022, "Robust video
 * matting with temporal guidance"). On a GPU the memory stays there.
 *
 * ```ts
 * const matter = await VideoMatter.load(engine, 'rvm_mobilenetv3_fp32.onnx');
 * for (const frame of frames) context.drawImage(await (await matter.next(frame)).toImageBitmap(), 0, 0);
 * ```
 */
export class VideoMatter {
  #state: State | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly runner: Runner,
    private readonly model: LoadedGraph,
    private readonly spec: PictureSpec,
    private readonly downsampleRatio: number,
  ) {}

  /**
   * @param source an ONNX file with inputs src, r1i, r2i, … and outputs pha, r1o, r2o, …: its address or its bytes
   * @throws DownloadError, ModelFormatError, UnsupportedOperatorError
   * @throws ArgumentError for a file of another kind
   */
  static async load(
    runner: Runner,
    source: string | URL | Uint8Array | ArrayBuffer,
    options: VideoMatterOptions = {},
  ): Promise<VideoMatter> {
    const { size = [288, 512], downsampleRatio, ...download } = options;
    const bytes = asBytes(source) ?? (await downloaded(source, download));
    const ratio = downsampleRatio ?? Math.min(512 / Math.max(...size), 1);
    const graph = await recurrentGraph(bytes, size, ratio);
    const spec = { size, fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] } as const;
    return new VideoMatter(runner, await runner.load(graph), spec, ratio);
  }

  /** The next frame of the video, with its background transparent. Frames are answered in the order of the calls. */
  next(frame: Picture): Promise<CutOut> {
    const pixels = toPixels(frame).then(({ data, width, height }) => ({ data: data.slice(), width, height }));
    const answer = this.#turn.then(async () => {
      const picture = await pixels;
      const matte = await this.#step(pictureToTensor(picture, this.spec));
      const [height, width] = matte.shape.slice(-2);
      const placement = placePicture(picture.width, picture.height, this.spec);
      const values = mapToPicture({ data: matte.data, width, height }, placement);
      const alpha = Uint8Array.from(values, (value) => Math.round(Math.min(Math.max(value, 0), 1) * 255));
      return new CutOut(picture, { width: picture.width, height: picture.height, alpha });
    });
    // A frame that fails does not stop those behind it.
    pixels.catch(() => {});
    this.#turn = answer.catch(() => {});
    return answer;
  }

  async #step(src: Tensor): Promise<Tensor> {
    const { values, inputs } = this.model.graph;
    const names = inputs.filter((name) => STATE_INPUT.test(name));
    const before = this.#state ?? Object.fromEntries(names.map((name) => [name, zeros(values.get(name)!.shape)]));
    const ratio = inputs.includes(RATIO_INPUT) && { [RATIO_INPUT]: Tensor.float32([1], [this.downsampleRatio]) };
    const given = { src, ...before, ...ratio };
    let results: Record<string, Tensor | GpuTensor>;
    try {
      results =
        this.runner instanceof Engine
          ? await (this.model as Model).run(given, { on: 'gpu' })
          : await this.model.run(given as Record<string, Tensor>);
    } finally {
      // Also after a failure: what lay on a lost device is lost.
      this.#forget();
    }
    this.#state = Object.fromEntries(names.map((name) => [name, results[outputOf(name)]]));
    const { pha } = results;
    if (pha instanceof Tensor) return pha;
    const matte = await pha.toTensor();
    pha.dispose();
    return matte;
  }

  /** Begins anew: the next frame is of another scene. */
  reset(): void {
    this.#turn = this.#turn.then(() => this.#forget());
  }

  #forget(): void {
    for (const value of Object.values(this.#state ?? {})) if (!(value instanceof Tensor)) value.dispose();
    this.#state = undefined;
  }

  dispose(): void {
    this.#turn.then(() => {
      this.#forget();
      this.model.dispose();
    });
  }
}

const zeros = (shape: Shape): Tensor => Tensor.zeros('float32', shape);

async function downloaded(source: unknown, options: DownloadOptions): Promise<Uint8Array> {
  if (typeof source === 'string' || source instanceof URL) return downloadAs(source, async (bytes) => bytes, options);
  throw new ArgumentError(`a network is an address or the bytes of its file, got ${kindOf(source)}`);
}

/** The network for frames of one size: what it remembers has the shapes that it gives when it remembers nothing. */
async function recurrentGraph(bytes: Uint8Array, [height, width]: Pair, ratio: number): Promise<Graph> {
  const { importOnnx, readModel } = await import('../formats/onnx');
  const names = readModel(bytes).graph.inputs.map(({ name }) => name);
  const states = names.filter((name) => STATE_INPUT.test(name));
  if (!names.includes('src') || states.length === 0) {
    throw new ArgumentError(`the network must take src, r1i, r2i and so on; it takes ${names.join(', ')}`);
  }
  const values: Record<string, Tensor> = names.includes(RATIO_INPUT)
    ? { [RATIO_INPUT]: Tensor.float32([1], [ratio]) }
    : {};
  const read = (shapes: Record<string, Shape>): Graph =>
    importOnnx(bytes, { shapes: { src: [1, 3, height, width], ...shapes }, values });
  const first = read(Object.fromEntries(states.map((name) => [name, [1, 1, 1, 1]])));
  const missing = ['pha', ...states.map(outputOf)].find((name) => !first.outputs.includes(name));
  if (missing) throw new ArgumentError(`the network must give ${missing}; it gives ${first.outputs.join(', ')}`);
  const graph = read(Object.fromEntries(states.map((name) => [name, first.values.get(outputOf(name))!.shape])));
  return { ...graph, outputs: ['pha', ...states.map(outputOf)] };
}
