import type { Engine } from '../engine';
import { ArgumentError } from '../errors';
import type { VisionModel } from '../models/vision-model';
import { inputToPicture, type Placement } from '../picture';
import { type LoadModelOptions, loadVisionModel } from './load-model';
import type { Picture } from './picture';
import { PictureModel } from './picture-model';

/** In pixels of the picture; never outside it. */
export interface Box {
  readonly xmin: number;
  readonly ymin: number;
  readonly xmax: number;
  readonly ymax: number;
}

export interface Detection {
  readonly label: string;
  /** 0..1 */
  readonly score: number;
  readonly index: number;
  readonly box: Box;
}

export interface DetectOptions {
  /** Only things with at least this score. Default 0.5. */
  readonly threshold?: number;
  /** At most this many, best first. Default 100. */
  readonly topK?: number;
}

/** Rows of `[M, 6]`: xmin, ymin, xmax, ymax, score, class. */
const ROW = 6;

/**
 * Says what is where in a picture. Boxes are decoded and overlapping ones suppressed on the GPU.
 *
 * ```ts
 * const detector = await ObjectDetector.load(engine, 'detector.safetensors');
 * for (const { label, score, box } of await detector.detect(picture)) draw(label, score, box);
 * ```
 */
export class ObjectDetector {
  private constructor(
    readonly network: PictureModel,
    readonly labels: readonly string[],
  ) {}

  /** @throws DownloadError, ModelFormatError, ArgumentError */
  static async load(
    engine: Engine,
    source: string | URL | Uint8Array | VisionModel,
    options?: LoadModelOptions,
  ): Promise<ObjectDetector> {
    const { graph, labels, spec } = await loadVisionModel(engine, source, 'detect', options);
    return new ObjectDetector(await PictureModel.load(engine, graph, spec), labels);
  }

  /** The things in a picture, best first. @throws ArgumentError, DeviceLostError, DisposedError */
  async detect(picture: Picture, options: DetectOptions = {}): Promise<Detection[]> {
    return aboveThreshold(await this.candidates(picture), options);
  }

  /**
   * Everything that is left after non-maximum suppression, best first, down to scores of a few percent. Suppression
   * only ever looks at better boxes, so {@link aboveThreshold} gives the same as running again with that threshold.
   */
  async candidates(picture: Picture): Promise<Detection[]> {
    const { outputs, placement } = await this.network.run(picture);
    return toDetections(outputs.get('detections')!.data as Float32Array, this.labels, placement);
  }

  dispose(): void {
    this.network.dispose();
  }
}

/** Those with at least the score, in the order in which they are. @throws ArgumentError for a negative `topK` */
export function aboveThreshold(
  detections: readonly Detection[],
  { threshold = 0.5, topK = 100 }: DetectOptions = {},
): Detection[] {
  if (!(topK >= 0)) throw new ArgumentError(`topK must be 0 or more, got ${topK}`);
  return detections.filter(({ score }) => score >= threshold).slice(0, topK);
}

/**
 * Rows of detections in 0..1 of the input, as things in pixels of the picture, best first.
 *
 * @param rows `[M, 6]`: xmin, ymin, xmax, ymax, score, class
 */
export function toDetections(rows: Float32Array, labels: readonly string[], placement: Placement): Detection[] {
  const { width, height } = placement;
  const [inHeight, inWidth] = placement.inputSize;
  const clamp = (value: number, high: number): number => Math.min(Math.max(value, 0), high);
  const detections: Detection[] = [];
  for (let at = 0; at < rows.length; at += ROW) {
    const [x0, y0, x1, y1, score, index] = rows.subarray(at, at + ROW);
    const [xmin, ymin] = inputToPicture(placement, x0 * inWidth, y0 * inHeight);
    const [xmax, ymax] = inputToPicture(placement, x1 * inWidth, y1 * inHeight);
    detections.push({
      label: labels[index] ?? `class ${index}`,
      score,
      index,
      box: {
        xmin: clamp(xmin, width),
        ymin: clamp(ymin, height),
        xmax: clamp(xmax, width),
        ymax: clamp(ymax, height),
      },
    });
  }
  return detections.sort((a, b) => b.score - a.score);
}
