import type { OperatorAttributes } from '../operators';
import { Tensor } from '../tensor';
import type { Reference } from './reference';

type Suppression = OperatorAttributes['non-maximum-suppression'];
type Corners = readonly [left: number, top: number, right: number, bottom: number];

/**
 * Greedy non-maximum suppression per sample and class: the best box stays and removes those that overlap it by more
 * than the threshold, then the best of the rest, and so on. Among equal scores the lower box index is better. A box
 * whose score is NaN never stays. A box without area overlaps nothing. ONNX NonMaxSuppression is defined the same way.
 *
 * Computes in float32, unlike all other references: its comparisons decide whether a box stays, and where an overlap
 * equals the threshold (0.7, with boxes of 10 × 7) float64 would tell 0.7 from the nearest float32.
 */
export const nonMaximumSuppression: Reference<'non-maximum-suppression', Tensor[]> = (
  [boxes, scores, classes],
  attributes,
  [[rows]],
) => {
  const [batch, boxCount] = boxes.shape;
  const classFirst = attributes.scoreLayout === 'class-first';
  const classCount = scores.shape[classFirst ? 1 : 2];
  const indices = Tensor.int32([rows, 3]);
  indices.data.fill(-1);
  const detections = Tensor.float32([rows, 6]);
  let count = 0;
  for (let n = 0; n < batch; n++) {
    const corners = Array.from({ length: boxCount }, (_, b) => cornersOf(boxes, n * boxCount + b, attributes));
    for (let c = attributes.firstClass; c < classCount; c++) {
      const score = (b: number): number =>
        scores.data[classFirst ? (n * classCount + c) * boxCount + b : (n * boxCount + b) * classCount + c];
      const classOf = (b: number): number => classes?.data[n * boxCount + b] ?? c;
      for (const b of keep(corners, score, classOf, attributes)) {
        indices.data.set([n, classOf(b), b], count * 3);
        detections.data.set([...corners[b], score(b), classOf(b)], count * 6);
        count++;
      }
    }
  }
  return [indices, detections, Tensor.int32([1], [count])];
};

/** The boxes that stay, best first: those of other classes are in nobody's way. */
function keep(
  corners: readonly Corners[],
  score: (box: number) => number,
  classOf: (box: number) => number,
  attributes: Suppression,
): number[] {
  const { maxPerClass } = attributes;
  const scoreThreshold = Math.fround(attributes.scoreThreshold);
  const iouThreshold = Math.fround(attributes.iouThreshold);
  const candidates = Array.from(corners.keys())
    .filter((b) => score(b) > scoreThreshold)
    .sort((a, b) => score(b) - score(a) || a - b);
  const kept: number[] = [];
  for (const b of candidates) {
    if (kept.length === maxPerClass) break;
    const isRival = (other: number): boolean => classOf(other) === classOf(b);
    if (kept.every((other) => !isRival(other) || !overlap(corners[other], corners[b], iouThreshold))) kept.push(b);
  }
  return kept;
}

/** The corners of a box, the lesser coordinates first. */
function cornersOf(boxes: Tensor, row: number, { boxFormat }: Suppression): Corners {
  const [a, b, c, d] = boxes.data.subarray(row * 4, row * 4 + 4);
  const corners: Corners =
    boxFormat === 'center'
      ? [a - c / 2, b - d / 2, a + c / 2, b + d / 2]
      : [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
  const [left, top, right, bottom] = corners.map(Math.fround);
  return [left, top, right, bottom];
}

/** Whether intersection over union is above the threshold. Multiplies, since GPUs do not round divisions exactly. */
function overlap(p: Corners, q: Corners, threshold: number): boolean {
  const intersection = area([Math.max(p[0], q[0]), Math.max(p[1], q[1]), Math.min(p[2], q[2]), Math.min(p[3], q[3])]);
  const union = Math.fround(Math.fround(area(p) + area(q)) - intersection);
  return intersection > Math.fround(threshold * union);
}

const area = ([left, top, right, bottom]: Corners): number =>
  right > left && bottom > top ? Math.fround(Math.fround(right - left) * Math.fround(bottom - top)) : 0;
