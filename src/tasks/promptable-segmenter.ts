import { checkOptions, kindOf } from '../arguments';
import { Engine } from '../engine';
import { ArgumentError, DeviceLostError } from '../errors';
import type { DownloadOptions } from '../formats/download';
import type { GpuTensor } from '../gpu/gpu-tensor';
import type { Model } from '../model';
import type { VisionModel } from '../models/vision-model';
import type { Placement } from '../picture';
import type { LoadedGraph, Runner } from '../runner';
import { Tensor } from '../tensor';
import type { Picture } from './picture';
import { PictureModel } from './picture-model';
import { type Prompt, type PromptableFile, PromptMask } from './prompt';
import { type PromptDecoder, readPromptable } from './promptable-network';
import type { PictureNetwork } from './task';

/** A network in two files: one that looks at a picture, and one that answers a prompt. */
export interface PromptableSource {
  readonly encoder: PromptableFile;
  readonly decoder: PromptableFile;
}

/** What was seen in a picture: the values that prompts are answered from. On an engine they stay on the GPU. */
type Seen = ReadonlyMap<string, Tensor | GpuTensor>;

/** Loads the network that looks at pictures. */
async function loadEncoder(runner: Runner, { graph, spec }: VisionModel): Promise<PictureNetwork<Seen>> {
  if (!(runner instanceof Engine)) {
    const { CpuPictureModel } = await import('./cpu-picture-model');
    return CpuPictureModel.load<Seen>(runner, graph, spec);
  }
  const { keepOutputs } = await import('../gpu/gpu-tensor');
  const loaded: PictureModel<Seen> = await PictureModel.load<Seen>(runner, graph, spec, {
    async onGpu(session) {
      const { traits } = await runner.connection();
      const keeper = await keepOutputs(session, { traits, hold: (bytes) => loaded.model.hold(bytes) });
      return {
        memoryBytes: 0,
        encode(encoder) {
          const kept = keeper.encode(encoder);
          return async () => kept;
        },
        dispose: () => keeper.dispose(),
      };
    },
    onCpu: async (outputs) => outputs,
  });
  return loaded;
}

/** A decoder for one number of points, and how many prompts are being answered by it. */
interface HeldDecoder {
  readonly loading: Promise<LoadedGraph>;
  users: number;
}

/** Numbers of points whose decoders are kept. */
const MOST_DECODERS = 4;

/**
 * Cuts out whatever is pointed at (Kirillov et al. 2023, "Segment Anything"): SAM and MobileSAM. A picture is looked at
 * once, and each prompt is answered by a small network.
 *
 * ```ts
 * const segmenter = await PromptableSegmenter.load(engine, { encoder: 'encoder.onnx', decoder: 'decoder.onnx' });
 * const seen = await segmenter.encode(picture);
 * const [mask] = await seen.segment({ points: [{ x: 120, y: 80 }] });
 * ```
 */
export class PromptableSegmenter {
  /** By number of points, the last used last. */
  readonly #decoders = new Map<number, HeldDecoder>();
  readonly #pictures = new Set<EncodedPicture>();
  #disposed = false;

  private constructor(
    private readonly runner: Runner,
    private readonly encoder: PictureNetwork<Seen>,
    private readonly decoder: PromptDecoder,
  ) {}

  /**
   * @throws DownloadError, ModelFormatError, UnsupportedOperatorError
   * @throws ArgumentError for files that are no such pair
   */
  static async load(
    runner: Runner,
    source: PromptableSource,
    options: DownloadOptions = {},
  ): Promise<PromptableSegmenter> {
    const { encoder, decoder } = source ?? {};
    if (encoder === undefined || decoder === undefined) {
      throw new ArgumentError(`a promptable network is { encoder, decoder }, got ${kindOf(source)}`);
    }
    const network = await readPromptable(encoder, decoder, options);
    return new PromptableSegmenter(runner, await loadEncoder(runner, network.encoder), network.decoder);
  }

  /**
   * Looks at a picture, of which any number of prompts can be answered until it is disposed of.
   *
   * @throws ArgumentError, DeviceLostError, DisposedError
   */
  async encode(picture: Picture): Promise<EncodedPicture> {
    const { outputs, placement } = await this.encoder.run(picture);
    const encoded: EncodedPicture = new EncodedPicture(
      placement,
      (prompt) => this.#answer(outputs, placement, prompt),
      () => {
        this.#pictures.delete(encoded);
        for (const value of outputs.values()) if (!(value instanceof Tensor)) value.dispose();
      },
    );
    this.#pictures.add(encoded);
    if (this.#disposed) encoded.dispose();
    return encoded;
  }

  async #answer(seen: Seen, placement: Placement, prompt: Prompt): Promise<PromptMask[]> {
    const { coordinates, labels } = this.decoder.points(prompt, placement);
    const previous = prompt.previous?.logits;
    const given = this.decoder.inputs({ coordinates, labels, previous, placement });
    const held = this.#decoderFor(labels.length);
    held.users++;
    try {
      const model = await held.loading;
      const inputs = Object.fromEntries(model.graph.inputs.map((name) => [name, seen.get(name) ?? given[name]]));
      await this.#checkDevice(seen);
      // Whoever has tensors on a GPU has a model of an engine.
      return this.#masksOf(await (model as Model).run(inputs), labels.length, placement);
    } finally {
      held.users--;
      this.#dropUnused(MOST_DECODERS);
    }
  }

  /** @throws DeviceLostError when what was seen was lost with its device */
  async #checkDevice(seen: Seen): Promise<void> {
    if (!(this.runner instanceof Engine)) return;
    const { device } = await this.runner.connection();
    for (const value of seen.values()) {
      if (value instanceof Tensor || value.disposed || value.device === device) continue;
      throw new DeviceLostError('the GPU device was lost after the picture was encoded: encode it again');
    }
  }

  #masksOf(results: Record<string, Tensor>, points: number, placement: Placement): PromptMask[] {
    const { data: scores } = results[this.decoder.scores] as Tensor<'float32'>;
    const { data, shape } = results[this.decoder.masks] as Tensor<'float32'>;
    const [height, width] = shape.slice(-2);
    const order = Array.from(scores.keys()).sort((a, b) => rank(scores, b, points) - rank(scores, a, points));
    return order.map((k) => {
      const logits = data.slice(k * height * width, (k + 1) * height * width);
      return new PromptMask(scores[k], Tensor.float32([height, width], logits), placement);
    });
  }

  /** The decoder for so many points: it is made when a prompt first has them. */
  #decoderFor(points: number): HeldDecoder {
    const held = this.#decoders.get(points) ?? { loading: this.runner.load(this.decoder.graph(points)), users: 0 };
    this.#decoders.delete(points);
    this.#decoders.set(points, held);
    held.loading.catch(() => {
      if (this.#decoders.get(points) === held) this.#decoders.delete(points);
    });
    return held;
  }

  /** Drops decoders that answer nothing now, the longest unused first, until so many are left. */
  #dropUnused(most: number): void {
    for (const [points, { loading, users }] of this.#decoders) {
      if (this.#decoders.size <= most && !this.#disposed) return;
      if (users > 0) continue;
      this.#decoders.delete(points);
      loading.then((model) => model.dispose()).catch(() => {});
    }
  }

  dispose(): void {
    this.#disposed = true;
    for (const picture of this.#pictures) picture.dispose();
    this.encoder.dispose();
    this.#dropUnused(0);
  }
}

/** A picture that was looked at. */
export class EncodedPicture {
  constructor(
    private readonly placement: Placement,
    private readonly answer: (prompt: Prompt) => Promise<PromptMask[]>,
    private readonly onDispose: () => void,
  ) {}

  get width(): number {
    return this.placement.width;
  }

  get height(): number {
    return this.placement.height;
  }

  /** What a prompt may mean, the likeliest first. @throws ArgumentError, DeviceLostError, DisposedError */
  async segment(prompt: Prompt): Promise<PromptMask[]> {
    checkOptions(prompt, { points: true, box: true, previous: true });
    return this.answer(prompt);
  }

  /** Frees what was seen of the picture. */
  dispose(): void {
    this.onDispose();
  }
}

/**
 * Of four masks the first is for prompts that leave nothing open, the others for a single point, which may mean a thing, a
 * part of it or what it is a part of. The rule is that of SAM's own export (`select_masks`).
 */
function rank(scores: ArrayLike<number>, mask: number, points: number): number {
  return scores.length === 4 && mask === 0 ? scores[mask] + (points - 2.5) * 1000 : scores[mask];
}
