import { checkOptions } from '../arguments';
import { inputToPicture, type Placement } from '../picture';
import { aboveThreshold, type Detection, type DetectOptions, toDetections } from './object-detector';
import { type Answers, answerEach, type Pictures } from './picture';
import type { Task } from './task';
import { VisionTask } from './vision-task';

/** A point of a body, a face or a hand, in pixels of the picture. */
export interface Keypoint {
  readonly x: number;
  readonly y: number;
  /** 0..1; 1 where the network gives none. */
  readonly score: number;
  /** Of COCO's seventeen points, `nose` for instance. */
  readonly label: string;
}

/** One person, or whatever else has points. */
export interface Pose extends Detection {
  readonly keypoints: readonly Keypoint[];
}

// biome-ignore format: a list to scan
const COCO_POINTS = [
  'nose', 'left eye', 'right eye', 'left ear', 'right ear', 'left shoulder', 'right shoulder', 'left elbow', 'right elbow',
  'left wrist', 'right wrist', 'left hip', 'right hip', 'left knee', 'right knee', 'left ankle', 'right ankle',
];

/** Pairs of COCO's points that a limb joins, by their numbers. */
export const COCO_LIMBS: readonly (readonly [from: number, to: number])[] = [
  [0, 1],
  [0, 2],
  [1, 3],
  [2, 4],
  [5, 6],
  [5, 7],
  [7, 9],
  [6, 8],
  [8, 10],
  [5, 11],
  [6, 12],
  [11, 12],
  [11, 13],
  [13, 15],
  [12, 14],
  [14, 16],
];

/** x, y and score. */
const POINT = 3;

/**
 * Finds the points of bodies or faces.
 *
 * ```ts
 * const estimator = await PoseEstimator.load(engine, 'yolo11n-pose.onnx');
 * for (const { score, keypoints } of await estimator.estimate(picture)) draw(score, keypoints);
 * ```
 */
export class PoseEstimator extends VisionTask<Pose[]> {
  static readonly task: Task<Pose[]> = {
    name: 'pose',
    outputs: {
      detections: { shape: '[M, 6]', fits: ({ 1: row, length }) => length === 2 && row === 6 },
      keypoints: { shape: '[M, 3K]', fits: ({ 1: row, length }) => length === 2 && row % POINT === 0 },
    },
    result: ({ outputs, placement }, labels) => {
      const rows = outputs.get('detections')!.data as Float32Array;
      const { data, shape } = outputs.get('keypoints')!;
      const poses = Array.from({ length: rows.length / 6 }, (_, k): Pose => {
        const [detection] = toDetections(rows.subarray(k * 6, k * 6 + 6), labels, placement);
        const points = (data as Float32Array).subarray(k * shape[1], (k + 1) * shape[1]);
        return { ...detection, keypoints: keypointsOf(points, placement) };
      });
      return poses.sort((a, b) => b.score - a.score);
    },
  };

  /** The poses in a picture, or in each of several, best first. @throws ArgumentError, DeviceLostError, DisposedError */
  async estimate<P extends Pictures>(picture: P, options: DetectOptions = {}): Promise<Answers<P, Pose[]>> {
    checkOptions(options, { threshold: true, topK: true });
    return answerEach(picture, async (one) => aboveThreshold(await this.answer(one), options) as Pose[]);
  }
}

/** @param points x and y in 0..1 of the input, and a score, in turns */
function keypointsOf(points: Float32Array, placement: Placement): Keypoint[] {
  const [height, width] = placement.inputSize;
  const count = points.length / POINT;
  return Array.from({ length: count }, (_, k) => {
    const [shareX, shareY, score] = points.subarray(k * POINT, (k + 1) * POINT);
    const [x, y] = inputToPicture(placement, shareX * width, shareY * height);
    return { x, y, score, label: count === COCO_POINTS.length ? COCO_POINTS[k] : `point ${k}` };
  });
}
