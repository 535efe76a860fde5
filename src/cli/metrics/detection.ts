import type { Judged } from './calibration';

/** Corners in pixels. */
export interface Box {
  readonly xmin: number;
  readonly ymin: number;
  readonly xmax: number;
  readonly ymax: number;
}

export interface ScoredBox {
  readonly box: Box;
  readonly score: number;
}

/** What was found and what is there, for one class in one picture. */
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
 * Which boxes of one class are right by PASCAL VOC's rules (Everingham et al. 2015, section 4.2.1): each, best score
 * first, is held to the true box that it overlaps most, which counts once.
 */
export function judgeBoxes(pictures: readonly PictureBoxes[], threshold: number): Judged[] {
  const taken = pictures.map(({ truth }) => truth.map(() => false));
  return ranked(pictures).map(({ picture, box, score }) => {
    const { truth } = pictures[picture];
    let best = -1;
    let overlap = 0;
    for (const [i, other] of truth.entries()) {
      const iou = intersectionOverUnion(box, other);
      if (iou > overlap) [best, overlap] = [i, iou];
    }
    const right = best >= 0 && overlap >= threshold && !taken[picture][best];
    if (right) taken[picture][best] = true;
    return { score, right };
  });
}

/**
 * Average precision of one class by PASCAL VOC's rules since 2010: over the boxes of {@link judgeBoxes}, precision is
 * made monotone and integrated over every change of recall.
 *
 * @returns NaN when there is nothing to find
 */
export function vocAveragePrecision(pictures: readonly PictureBoxes[], threshold: number): number {
  const total = pictures.reduce((sum, { truth }) => sum + truth.length, 0);
  if (total === 0) return Number.NaN;
  const hits = judgeBoxes(pictures, threshold).map(({ right }) => right);
  const { recall, precision } = curve(hits, total);
  return recall.reduce((sum, r, i) => sum + (r - (recall[i - 1] ?? 0)) * precision[i], 0);
}

/** COCO's thresholds, 0.50 to 0.95. */
export const COCO_THRESHOLDS = Array.from({ length: 10 }, (_, i) => 0.5 + 0.05 * i);
const COCO_MOST_BOXES = 100;
const COCO_RECALLS = Array.from({ length: 101 }, (_, i) => i / 100);

/**
 * Average precision of one class at one threshold as COCO's evaluation computes it (pycocotools, all areas): of each
 * picture the 100 best boxes, each held to the true box that it overlaps most among those still free; the mean of the
 * monotone precision at 101 recalls.
 *
 * @returns NaN when there is nothing to find
 */
export function cocoAveragePrecision(pictures: readonly PictureBoxes[], threshold: number): number {
  const taken = pictures.map(({ truth }) => truth.map(() => false));
  const best100 = pictures.map(({ found, truth }) => ({
    found: [...found].sort((a, b) => b.score - a.score).slice(0, COCO_MOST_BOXES),
    truth,
  }));
  const hits = ranked(best100).map(({ picture, box }) => {
    let best = -1;
    let overlap = threshold;
    for (const [i, other] of best100[picture].truth.entries()) {
      const iou = intersectionOverUnion(box, other);
      if (!taken[picture][i] && iou >= overlap) [best, overlap] = [i, iou];
    }
    if (best < 0) return false;
    taken[picture][best] = true;
    return true;
  });
  const total = pictures.reduce((sum, { truth }) => sum + truth.length, 0);
  if (total === 0) return Number.NaN;
  const { recall, precision } = curve(hits, total);
  const sum = COCO_RECALLS.reduce((s, wanted) => {
    const at = recall.findIndex((r) => r >= wanted);
    return s + (at < 0 ? 0 : precision[at]);
  }, 0);
  return sum / COCO_RECALLS.length;
}

/** All boxes of all pictures, best score first; equals keep their order. */
function ranked(pictures: readonly PictureBoxes[]): { picture: number; box: Box; score: number }[] {
  return pictures
    .flatMap(({ found }, picture) => found.map(({ box, score }) => ({ picture, box, score })))
    .sort((a, b) => b.score - a.score);
}

/** Recall after each box, and the highest precision at that recall or beyond. */
function curve(hits: readonly boolean[], total: number): { recall: number[]; precision: number[] } {
  const recall: number[] = [];
  const precision: number[] = [];
  let found = 0;
  for (const [i, hit] of hits.entries()) {
    if (hit) found++;
    recall.push(found / total);
    precision.push(found / (i + 1));
  }
  for (let i = precision.length - 2; i >= 0; i--) precision[i] = Math.max(precision[i], precision[i + 1]);
  return { recall, precision };
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
  const mean = (values: readonly number[]): number =>
    values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;
  const present = classes.filter((pictures) => pictures.some(({ truth }) => truth.length > 0));
  return {
    map50: mean(present.map((pictures) => vocAveragePrecision(pictures, 0.5))),
    map: mean(present.flatMap((pictures) => COCO_THRESHOLDS.map((t) => cocoAveragePrecision(pictures, t)))),
    averagePrecision: classes.map((pictures) =>
      present.includes(pictures) ? vocAveragePrecision(pictures, 0.5) : undefined,
    ),
  };
}
