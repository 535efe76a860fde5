import type { Box } from '../../tasks/object-detector';

import { type Judged, mean } from './calibration';

export interface ScoredBox {
  readonly box: Box;
  readonly score: number;
}

/** The boxes found and the true boxes, of one class in one picture. */
export interface PictureBoxes {
  readonly found: readonly ScoredBox[];
  readonly truth: readonly Box[];
}

export function intersectionOverUnion(a: Box, b: Box): number {
  const width = Math.min(a.xmax, b.xmax) - Math.max(a.xmin, b.xmin);
  const height = Math.min(a.ymax, b.ymax) - Math.max(a.ymin, b.ymin);
  if (width <= 0 || height <= 0) return 0;
  const intersection = width * height;
  return intersection / (area(a) + area(b) - intersection);
}

const area = ({ xmin, ymin, xmax, ymax }: Box): number => (xmax - xmin) * (ymax - ymin);

/**
 * Which boxes of one class are right, best score first; equals keep their order. By PASCAL VOC's rules (Everingham et al.
 * 2015, section 4.2.1) each is held to the true box that it overlaps most, which counts once; by COCO's, to the one that
 * it overlaps most among those still free.
 */
export function judgeBoxes(
  pictures: readonly PictureBoxes[],
  threshold: number,
  rules: 'voc' | 'coco' = 'voc',
): Judged[] {
  const taken = pictures.map(() => new Set<number>());
  return pictures
    .flatMap(({ found }, picture) => found.map(({ box, score }) => ({ picture, box, score })))
    .sort((a, b) => b.score - a.score)
    .map(({ picture, box, score }) => {
      let [best, overlap] = [-1, 0];
      for (const [i, other] of pictures[picture].truth.entries()) {
        const iou = intersectionOverUnion(box, other);
        const isBetter = rules === 'voc' ? iou > overlap : iou >= overlap && !taken[picture].has(i);
        if (isBetter) [best, overlap] = [i, iou];
      }
      const right = best >= 0 && overlap >= threshold && !taken[picture].has(best);
      if (right) taken[picture].add(best);
      return { score, right };
    });
}

/**
 * Average precision of one class by PASCAL VOC's rules since 2010: precision is made monotone and integrated over every
 * change of recall.
 *
 * @returns NaN when there is nothing to find
 */
export function vocAveragePrecision(pictures: readonly PictureBoxes[], threshold: number): number {
  if (countTruths(pictures) === 0) return Number.NaN;
  const { recall, precision } = curve(judgeBoxes(pictures, threshold), pictures);
  return recall.reduce((sum, r, i) => sum + (r - (recall[i - 1] ?? 0)) * precision[i], 0);
}

/** COCO's thresholds, 0.50 to 0.95. */
export const COCO_THRESHOLDS = Array.from({ length: 10 }, (_, i) => 0.5 + 0.05 * i);
const COCO_MOST_BOXES = 100;
const COCO_RECALLS = Array.from({ length: 101 }, (_, i) => i / 100);

/**
 * Average precision of one class at one threshold as COCO's evaluation computes it (pycocotools, all areas): of each
 * picture the 100 best boxes; the mean of the monotone precision at 101 recalls.
 *
 * @returns NaN when there is nothing to find
 */
export function cocoAveragePrecision(pictures: readonly PictureBoxes[], threshold: number): number {
  if (countTruths(pictures) === 0) return Number.NaN;
  const best100 = pictures.map(({ found, truth }) => ({
    found: [...found].sort((a, b) => b.score - a.score).slice(0, COCO_MOST_BOXES),
    truth,
  }));
  const { recall, precision } = curve(judgeBoxes(best100, threshold, 'coco'), pictures);
  return mean(COCO_RECALLS.map((wanted) => precision[recall.findIndex((r) => r >= wanted)] ?? 0));
}

/** How many boxes there are to find. */
export const countTruths = (pictures: readonly PictureBoxes[]): number =>
  pictures.reduce((sum, { truth }) => sum + truth.length, 0);

/** Recall after each box, and the highest precision at that recall or beyond. */
function curve(judged: readonly Judged[], pictures: readonly PictureBoxes[]) {
  const total = countTruths(pictures);
  let found = 0;
  const hits = judged.map(({ right }) => (right ? ++found : found));
  const precision = hits.map((hit, i) => hit / (i + 1));
  for (let i = precision.length - 2; i >= 0; i--) precision[i] = Math.max(precision[i], precision[i + 1]);
  return { recall: hits.map((hit) => hit / total), precision };
}

export interface DetectionScores {
  /** Mean over the classes that are there of VOC's average precision at 0.5. */
  readonly map50: number;
  /** Mean over those classes and COCO's thresholds of COCO's average precision. */
  readonly map: number;
  /** VOC's average precision at 0.5 by class; undefined for a class that is not there. */
  readonly averagePrecision: readonly (number | undefined)[];
}

/** @param classes for each class the boxes of every picture */
export function detectionScores(classes: readonly (readonly PictureBoxes[])[]): DetectionScores {
  const present = classes.filter((pictures) => countTruths(pictures) > 0);
  const averagePrecision = classes.map((pictures) =>
    present.includes(pictures) ? vocAveragePrecision(pictures, 0.5) : undefined,
  );
  return {
    map50: mean(averagePrecision.filter((value) => value !== undefined)),
    map: mean(present.flatMap((pictures) => COCO_THRESHOLDS.map((t) => cocoAveragePrecision(pictures, t)))),
    averagePrecision,
  };
}
