import { checkOptions } from '../arguments';
import { inputToPicture, type Placement } from '../picture';
import { aboveThreshold, type Detection, type DetectOptions, toDetections } from './object-detector';
import { type Answers, answerEach, type Pictures } from './picture';
import type { Task } from './task';
import { VisionTask } from './vision-task';

/** A thing whose box lies at an angle; `box` is the upright one around it. */
export interface OrientedDetection extends Detection {
  /** In pixels of the picture, one after the other around the box; they may lie outside of the picture. */
  readonly corners: readonly { readonly x: number; readonly y: number }[];
}

const [CORNERS, POINT] = [4, 3];

/**
 * Finds things with boxes at any angle, as in pictures from above.
 *
 * ```ts
 * const detector = await OrientedDetector.load(engine, 'yolo11n-obb.onnx');
 * for (const { label, corners } of await detector.detect(picture)) draw(label, corners);
 * ```
 */
export class OrientedDetector extends VisionTask<OrientedDetection[]> {
  static readonly task: Task<OrientedDetection[]> = {
    name: 'orient',
    outputs: {
      detections: { shape: '[M, 6]', fits: ({ 1: row, length }) => length === 2 && row === 6 },
      keypoints: { shape: '[M, 12]', fits: ({ 1: row, length }) => length === 2 && row === CORNERS * POINT },
    },
    result: ({ outputs, placement }, labels) => {
      const rows = outputs.get('detections')!.data as Float32Array;
      const points = outputs.get('keypoints')!.data as Float32Array;
      return Array.from({ length: rows.length / 6 }, (_, k) => {
        const [detection] = toDetections(rows.subarray(k * 6, k * 6 + 6), labels, placement);
        return { ...detection, corners: cornersOf(points.subarray(k * CORNERS * POINT), placement) };
      }).sort((a, b) => b.score - a.score);
    },
  };

  /** The things in a picture, or in each of several, best first. @throws ArgumentError, DeviceLostError, DisposedError */
  async detect<P extends Pictures>(picture: P, options: DetectOptions = {}): Promise<Answers<P, OrientedDetection[]>> {
    checkOptions(options, { threshold: true, topK: true });
    return answerEach(picture, async (one) => aboveThreshold(await this.answer(one), options) as OrientedDetection[]);
  }
}

/** @param points x and y in 0..1 of the input, and a score, in turns */
function cornersOf(points: Float32Array, placement: Placement): OrientedDetection['corners'] {
  const [height, width] = placement.inputSize;
  return Array.from({ length: CORNERS }, (_, k) => {
    const [x, y] = inputToPicture(placement, points[k * POINT] * width, points[k * POINT + 1] * height);
    return { x, y };
  });
}
