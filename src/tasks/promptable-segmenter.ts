import { checkOptions, kindOf } from '../arguments';
import { ArgumentError } from '../errors';
import type { DownloadOptions } from '../formats/download';
import type { Placement } from '../picture';
import type { LoadedGraph, Runner } from '../runner';
import { Tensor } from '../tensor';
import type { Picture } from './picture';
import { type Prompt, type PromptableFile, PromptMask } from './prompt';
import { type PromptDecoder, readPromptable } from './promptable-network';
import type { PictureRun, Task } from './task';
import { VisionTask } from './vision-task';

/** A network in two files: one that looks at a picture, and one that answers a prompt. */
export interface PromptableSource {
  readonly encoder: PromptableFile;
  readonly decoder: PromptableFile;
}

/** Looks at pictures; the values that it makes are what prompts are answered from. */
class PromptEncoder extends VisionTask<PictureRun> {
  static readonly task: Task<PictureRun> = {
    name: 'encode',
    outputs: { image_embeddings: { shape: '[1, C, h, w]', fits: ({ length }) => length === 4 } },
    result: (run) => run,
  };
}

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
  readonly #decoders = new Map<number, Promise<LoadedGraph>>();
  #disposed = false;

  private constructor(
    private readonly runner: Runner,
    private readonly encoder: PromptEncoder,
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
    const loaded = await PromptEncoder.load(runner, network.encoder, {});
    return new PromptableSegmenter(runner, loaded, network.decoder);
  }

  /** Looks at a picture, of which any number of prompts can be answered. @throws ArgumentError, DeviceLostError, DisposedError */
  async encode(picture: Picture): Promise<EncodedPicture> {
    const { outputs, placement } = await this.encoder.answer(picture);
    return new EncodedPicture(placement, (prompt) => this.#answer(outputs, placement, prompt));
  }

  async #answer(embeddings: PictureRun['outputs'], placement: Placement, prompt: Prompt): Promise<PromptMask[]> {
    const { coordinates, labels } = this.decoder.points(prompt, placement);
    const model = await this.#decoderFor(labels.length);
    const previous = prompt.previous?.logits;
    const given = this.decoder.inputs({ coordinates, labels, previous, placement });
    const inputs = Object.fromEntries(model.graph.inputs.map((name) => [name, embeddings.get(name) ?? given[name]]));
    const results = await model.run(inputs);
    const { data: scores } = results[this.decoder.scores] as Tensor<'float32'>;
    const { data, shape } = results[this.decoder.masks] as Tensor<'float32'>;
    const [height, width] = shape.slice(-2);
    const order = Array.from(scores.keys()).sort(
      (a, b) => rank(scores, b, labels.length) - rank(scores, a, labels.length),
    );
    return order.map((k) => {
      const logits = data.slice(k * height * width, (k + 1) * height * width);
      return new PromptMask(scores[k], Tensor.float32([height, width], logits), placement);
    });
  }

  /** The decoder for so many points: it is made when a prompt first has them. */
  #decoderFor(points: number): Promise<LoadedGraph> {
    const known = this.#decoders.get(points);
    if (known) return known;
    const loading = this.runner.load(this.decoder.graph(points));
    this.#decoders.set(points, loading);
    loading.then(
      (model) => this.#disposed && model.dispose(),
      () => this.#decoders.delete(points),
    );
    return loading;
  }

  dispose(): void {
    this.#disposed = true;
    this.encoder.dispose();
    for (const loading of this.#decoders.values()) loading.then((model) => model.dispose()).catch(() => {});
    this.#decoders.clear();
  }
}

/** A picture that was looked at. */
export class EncodedPicture {
  constructor(
    private readonly placement: Placement,
    private readonly answer: (prompt: Prompt) => Promise<PromptMask[]>,
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
}

/**
 * Of four masks the first is for prompts that leave nothing open, the others for a single point, which may mean a thing, a
 * part of it or what it is a part of. The rule is that of SAM's own export (`select_masks`).
 */
function rank(scores: ArrayLike<number>, mask: number, points: number): number {
  return scores.length === 4 && mask === 0 ? scores[mask] + (points - 2.5) * 1000 : scores[mask];
}
