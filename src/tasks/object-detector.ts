import { checkOptions } from '../arguments';
import { ArgumentError } from '../errors';
import { inputToPicture, type Placement } from '../picture';
import { type Answers, answerEach, type Picture, type Pictures } from './picture';
import type { Task } from './task';
import { VisionTask } from './vision-task';

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
export class ObjectDetector extends VisionTask<Detection[]> {
  static readonly task: Task<Detection[]> = {
    name: 'detect',
    outputs: { detections: { shape: '[M, 6]', fits: ({ 1: row, length }) => length === 2 && row === ROW } },
    result: ({ outputs, placement }, labels) =>
      toDetections(outputs.get('detections')!.data as Float32Array, labels, placement),
    layer: {
      canvas: 'boxes',
      order: 1,
      async create(session, format) {
        const { drawBoxes, tensorSource } = await import('../gpu/overlay');
        const count = session.range(session.plan.graph.rowCounts!.get('detections')!);
        return drawBoxes(session.pipelines, tensorSource(session, 'detections'), count, format);
      },
    },
  };

  /** The things in a picture, or in each of several, best first. @throws ArgumentError, DeviceLostError, DisposedError */
  async detect<P extends Pictures>(picture: P, options: DetectOptions = {}): Promise<Answers<P, Detection[]>> {
    checkOptions(options, { threshold: true, topK: true });
    return answerEach(picture, async (one) => aboveThreshold(await this.candidates(one), options));
  }

  /**
   * Everything that is left after non-maximum suppression, best first, down to scores of a few percent. Suppression
   * only ever looks at better boxes, so {@link aboveThreshold} gives the same as running again with that threshold.
   */
  candidates(picture: Picture): Promise<Detection[]> {
    return this.answer(picture);
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
