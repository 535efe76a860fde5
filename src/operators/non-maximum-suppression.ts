import { sizeOf } from '../tensor';
import { check, checkRank, float, text } from './checks';
import { defineOperator, type Words } from './operator';

const words = {
  scoreLayout: ['class-first', 'box-first'],
  /** `corners`: any two opposite corners, `[y1, x1, y2, x2]` or `[x1, y1, x2, y2]`; `center`: `[cx, cy, w, h]`. */
  boxFormat: ['corners', 'center'],
  /** 1 skips a background class at index 0. */
  firstClass: [0, 1],
} as const;

interface NonMaximumSuppressionAttributes extends Words<typeof words> {
  readonly iouThreshold: number;
  /** A box needs a score above this one. */
  readonly scoreThreshold: number;
  /** With `classes`: of an image. */
  readonly maxPerClass: number;
}

/**
 * Greedy suppression per batch and class, best score first (ties: lower box index first).
 * inputs: boxes `[N, B, 4]`, scores `[N, C, B]` (`scoreLayout` 'class-first') or `[N, B, C]` ('box-first').
 * Where each box has one class, `classes` int32 `[N, B]` says which, and C is 1: boxes of different classes let each
 * other stay, and rows are ordered by batch and descending score.
 * outputs, with M = N * (C - firstClass) * min(maxPerClass, B) rows of which `count` are filled, ordered by batch,
 * class, descending score: indices int32 `[M, 3]` (batch, class, box), detections float32 `[M, 6]`
 * (xmin, ymin, xmax, ymax, score, class), count int32 `[1]`. Unused rows hold -1 and 0. Detections keep the boxes'
 * own order of axes: `[y1, x1, y2, x2]` gives (ymin, xmin, ymax, xmax).
 */
export const nonMaximumSuppression = defineOperator<NonMaximumSuppressionAttributes>({
  arity: [2, 3],
  anyType: true,
  words,
  infer(inputs, { scoreLayout, maxPerClass, firstClass }) {
    const [boxes, scores, ids] = inputs.map((i) => i.shape);
    checkRank(boxes, 3, 'boxes');
    checkRank(scores, 3, 'scores');
    const isFloat = inputs.slice(0, 2).every(({ dtype }) => dtype === 'float32');
    check(isFloat, `boxes and scores must be float32, got ${inputs[0].dtype} and ${inputs[1].dtype}`);
    const [n, b] = boxes;
    const [classes, count] = scoreLayout === 'class-first' ? scores.slice(1) : [scores[2], scores[1]];
    check(boxes[2] === 4, `boxes must have 4 coordinates, got ${text(boxes)}`);
    check(scores[0] === n && count === b, `scores ${text(scores)} must match boxes ${text(boxes)}`);
    if (ids) {
      check(classes === 1 && firstClass === 0, `scores ${text(scores)} must be one for each box that has its class`);
      check(inputs[2].dtype === 'int32', `classes must be int32, got ${inputs[2].dtype}`);
      check(ids.length === 2 && ids[0] === n && ids[1] === b, `classes ${text(ids)} must match boxes ${text(boxes)}`);
    }
    const rows = n * (classes - firstClass) * Math.min(maxPerClass, b);
    return [{ shape: [rows, 3], dtype: 'int32' }, float([rows, 6]), { shape: [1], dtype: 'int32' }];
  },
  // Each box that stays is compared with every other.
  steps: ([boxes, scores], indices) => sizeOf(indices) * (sizeOf(boxes) + sizeOf(scores)),
});
