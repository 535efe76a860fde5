import {
  type Box,
  type Detection,
  ImageClassifier,
  ImageSegmenter,
  ObjectDetector,
  type SegmentationMask,
  topLabels,
} from '../../src';
import { type Answers, resultOf } from '../cards/card';
import { thingsOf } from '../cards/detect';
import { byClass, readable } from '../drawing';
import type { Settings } from '../settings';

/** One part of the answers, whose reasons are asked for. */
export interface Target {
  /** The task that answers it. */
  readonly task: string;
  readonly name: string;
  /** How sure a result is of it, from 0 to 1; the network looked at a picture of the size of `pixels`. */
  score(result: unknown): number;
}

const MOST_LABELS = 3;
const MOST_THINGS = 5;

/** Labels, boxes and masks in the answers to a picture. */
export function targetsOf(answers: Answers, settings: Settings, labels: readonly string[]): Target[] {
  const scores = resultOf(answers, ImageClassifier);
  const { mask, pixels, bitmap } = answers;
  const scale = pixels.width / bitmap.width;
  const best = scores ? topLabels(scores, labels, { topK: MOST_LABELS }) : [];
  return [
    ...best.map(({ label, index }) => ({
      task: ImageClassifier.task.name,
      name: `What: ${readable(label)}`,
      score: (result: unknown) => (result as Float32Array)[index],
    })),
    ...thingsOf(answers, settings)
      .slice(0, MOST_THINGS)
      .map((thing) => ({
        task: ObjectDetector.task.name,
        name: `Where: ${readable(thing.label)} at ${Math.round(thing.box.xmin)}, ${Math.round(thing.box.ymin)}`,
        score: (result: unknown) => scoreOfThing(result as readonly Detection[], thing.index, scaled(thing.box, scale)),
      })),
    ...(mask ? byClass(mask).legend : []).map(({ name, owner }) => ({
      task: ImageSegmenter.task.name,
      name: `Pixels: ${readable(name)}`,
      score: (result: unknown) => shareOfClass(result as SegmentationMask, mask!.classes, owner),
    })),
  ];
}

/** The score of the best candidate of the same class at about the same place: at least half of both boxes together. */
function scoreOfThing(candidates: readonly Detection[], index: number, box: Box): number {
  const there = candidates.filter((candidate) => candidate.index === index && overlap(candidate.box, box) >= 0.5);
  return Math.max(0, ...there.map(({ score }) => score));
}

const scaled = ({ xmin, ymin, xmax, ymax }: Box, by: number): Box => ({
  xmin: xmin * by,
  ymin: ymin * by,
  xmax: xmax * by,
  ymax: ymax * by,
});

/** Intersection over union. */
function overlap(a: Box, b: Box): number {
  const area = ({ xmin, ymin, xmax, ymax }: Box): number => Math.max(0, xmax - xmin) * Math.max(0, ymax - ymin);
  const shared = area({
    xmin: Math.max(a.xmin, b.xmin),
    ymin: Math.max(a.ymin, b.ymin),
    xmax: Math.min(a.xmax, b.xmax),
    ymax: Math.min(a.ymax, b.ymax),
  });
  return shared / (area(a) + area(b) - shared);
}

/** Which share of the pixels that a class had before it still has. Both masks are of one size. */
function shareOfClass({ classes }: SegmentationMask, before: Uint8Array, owner: number): number {
  let [had, has] = [0, 0];
  for (let i = 0; i < classes.length; i++) {
    if (before[i] !== owner) continue;
    had++;
    if (classes[i] === owner) has++;
  }
  return had === 0 ? 0 : has / had;
}
