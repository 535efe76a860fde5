import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { calibrationError, precisionAndRecall } from '../../src/cli/metrics/calibration';
import { TopLabels } from '../../src/cli/metrics/classification';
import { Mistakes } from '../../src/cli/metrics/confusions';
import {
  COCO_THRESHOLDS,
  cocoAveragePrecision,
  detectionScores,
  intersectionOverUnion,
  type PictureBoxes,
  vocAveragePrecision,
} from '../../src/cli/metrics/detection';
import { Confusion, IGNORED } from '../../src/cli/metrics/segmentation';
import type { Box } from '../../src/tasks/object-detector';

const box = (xmin: number, ymin: number, xmax: number, ymax: number): Box => ({ xmin, ymin, xmax, ymax });
const found = (score: number, b: Box) => ({ score, box: b });

describe('TopLabels', () => {
  it('counts a label that is first, among the first five, and neither', () => {
    const top = new TopLabels();
    const scores = [0.3, 0.2, 0.15, 0.14, 0.12, 0.09];
    for (const truth of [0, 1, 4, 5]) top.add(scores, truth);
    expect(top.result()).toEqual({ top1: 1 / 4, top5: 3 / 4, n: 4 });
  });

  it('ranks equal scores by index, so that a network that says nothing is not right', () => {
    const top = new TopLabels();
    top.add([0.5, 0.5], 1);
    expect(top.result()).toEqual({ top1: 0, top5: 1, n: 1 });
    expect(new TopLabels().result()).toEqual({ top1: 0, top5: 0, n: 0 });
  });
});

describe('calibrationError', () => {
  const answers = (score: number, right: number, n: number) =>
    Array.from({ length: n }, (_, i) => ({ score, right: i < right }));

  it('is 0 where scores are the share that is right, and the mean gap elsewhere', () => {
    expect(calibrationError([])).toBe(0);
    expect(calibrationError([...answers(0.25, 1, 4), ...answers(0.75, 3, 4)])).toBe(0);
    expect(calibrationError([...answers(0.25, 1, 4), ...answers(0.75, 1, 4)])).toBeCloseTo(0.25, 12);
    expect(calibrationError(answers(1, 3, 4))).toBeCloseTo(0.25, 12);
  });
});

describe('precisionAndRecall', () => {
  it('count answers with at least the threshold', () => {
    const answers = [
      { score: 0.9, right: true },
      { score: 0.5, right: false },
      { score: 0.4, right: true },
    ];
    expect(precisionAndRecall(answers, 4, 0.5)).toEqual({ precision: 1 / 2, recall: 1 / 4 });
    expect(precisionAndRecall(answers, 4, 0.95)).toEqual({ precision: 0, recall: 0 });
  });
});

describe('Mistakes', () => {
  it('adds up by pair, most frequent first, and leaves out what is right', () => {
    const mistakes = new Mistakes();
    mistakes.add('cat', 'dog');
    mistakes.add('dog', 'cat', 2);
    mistakes.add('cat', 'cat', 9);
    mistakes.add('cat', 'fish', 0);
    expect(mistakes.list()).toEqual([
      { truth: 'dog', answer: 'cat', count: 2 },
      { truth: 'cat', answer: 'dog', count: 1 },
    ]);
  });
});

describe('intersectionOverUnion', () => {
  it('is the shared area over the area that either covers', () => {
    expect(intersectionOverUnion(box(0, 0, 2, 2), box(1, 1, 3, 3))).toBeCloseTo(1 / 7);
    expect(intersectionOverUnion(box(0, 0, 2, 2), box(0, 0, 2, 2))).toBe(1);
    expect(intersectionOverUnion(box(0, 0, 2, 2), box(2, 0, 4, 2))).toBe(0);
    expect(intersectionOverUnion(box(0, 0, 0, 0), box(0, 0, 0, 0))).toBe(0);
  });
});

describe('vocAveragePrecision', () => {
  const a = box(0, 0, 10, 10);
  const b = box(20, 0, 30, 10);
  const nowhere = box(50, 50, 60, 60);

  it('is 1 when everything is found and nothing else, in any order', () => {
    expect(vocAveragePrecision([{ truth: [a, b], found: [found(0.5, b), found(0.9, a)] }], 0.5)).toBe(1);
  });

  it('integrates the monotone precision over recall', () => {
    // Ranked: hit, miss, hit, miss, of three true boxes. Precision 1, 1/2, 2/3, 1/2 at recall 1/3, 1/3, 2/3, 2/3;
    // monotone 1, 2/3, 2/3, 1/2. Area 1/3 · 1 + 1/3 · 2/3 = 5/9.
    const pictures: PictureBoxes[] = [
      { truth: [a, b], found: [found(0.9, a), found(0.8, nowhere)] },
      { truth: [a], found: [found(0.7, a), found(0.6, nowhere)] },
    ];
    expect(vocAveragePrecision(pictures, 0.5)).toBeCloseTo(5 / 9, 12);
  });

  it('counts a second box on the same thing as wrong, even where another true box lies near', () => {
    // Both boxes overlap `a` most. The second one overlaps `c` enough, but VOC does not give it the next best.
    const c = box(2, 0, 12, 10);
    const twice = { truth: [a, c], found: [found(0.9, a), found(0.8, box(0.5, 0, 10.5, 10))] };
    expect(vocAveragePrecision([twice], 0.5)).toBeCloseTo(1 / 2, 12);
    expect(cocoAveragePrecision([twice], 0.5)).toBeCloseTo(1, 12);
  });

  it('takes an overlap of exactly the threshold, and none below it', () => {
    const half = { truth: [a], found: [found(0.9, box(0, 0, 10, 5))] };
    expect(vocAveragePrecision([half], 0.5)).toBe(1);
    expect(vocAveragePrecision([half], 0.51)).toBe(0);
  });

  it('is 0 when nothing is found, and undefined when nothing is there', () => {
    expect(vocAveragePrecision([{ truth: [a], found: [] }], 0.5)).toBe(0);
    expect(vocAveragePrecision([{ truth: [], found: [found(0.9, a)] }], 0.5)).toBeNaN();
  });
});

describe('cocoAveragePrecision', () => {
  interface Golden {
    pictures: Record<'truth' | 'found', { class: number; box: [number, number, number, number]; score: number }[]>[];
    averagePrecision: number[][];
    map: number;
  }
  const golden: Golden = JSON.parse(readFileSync(new URL('goldens/coco.json', import.meta.url), 'utf8'));
  const classes = golden.averagePrecision[0].map((_, c) =>
    golden.pictures.map((picture) => ({
      truth: picture.truth.filter((t) => t.class === c).map((t) => box(...t.box)),
      found: picture.found.filter((f) => f.class === c).map((f) => found(f.score, box(...f.box))),
    })),
  );

  it('gives what pycocotools gives, for each class at each threshold', () => {
    for (const [t, expected] of golden.averagePrecision.entries()) {
      for (const [c, value] of expected.entries()) {
        expect(cocoAveragePrecision(classes[c], COCO_THRESHOLDS[t]), `class ${c} at ${COCO_THRESHOLDS[t]}`).toBeCloseTo(
          value,
          7,
        );
      }
    }
    expect(detectionScores(classes).map).toBeCloseTo(golden.map, 7);
  });

  it('looks at the 100 best boxes of a picture', () => {
    const a = box(0, 0, 10, 10);
    const wrong = Array.from({ length: 100 }, (_, i) => found(0.9, box(100 + i, 0, 110 + i, 10)));
    expect(cocoAveragePrecision([{ truth: [a], found: [...wrong, found(0.8, a)] }], 0.5)).toBe(0);
    expect(cocoAveragePrecision([{ truth: [a], found: [...wrong.slice(1), found(0.8, a)] }], 0.5)).toBeCloseTo(
      0.01,
      12,
    );
  });

  it('averages over the classes that are there', () => {
    const a = box(0, 0, 10, 10);
    const scores = detectionScores([
      [{ truth: [a], found: [found(0.9, a)] }],
      [{ truth: [], found: [found(0.9, a)] }],
      [{ truth: [a], found: [] }],
    ]);
    expect(scores.map50).toBe(0.5);
    expect(scores.map).toBeCloseTo(0.5, 12);
    expect(scores.averagePrecision).toEqual([1, undefined, 0]);
  });
});

describe('Confusion', () => {
  it('gives intersection over union of the classes that are there, ignoring unknown pixels', () => {
    const confusion = new Confusion(4);
    // Class 3 is answered once and never true: it costs class 1 and is no class of the mean.
    confusion.add([0, 0, 0, 1, 1, 2, IGNORED, IGNORED], [0, 0, 1, 1, 3, 0, 2, 0]);
    const { miou, foregroundIou, pixelAccuracy, iou } = confusion.result();
    expect(iou).toEqual([2 / 4, 1 / 3, 0, undefined]);
    expect(miou).toBeCloseTo((2 / 4 + 1 / 3 + 0) / 3, 12);
    // Foreground: true 3, answered 3, both 2.
    expect(foregroundIou).toBeCloseTo(2 / 4, 12);
    expect(pixelAccuracy).toBeCloseTo(3 / 6, 12);
  });

  it('counts over all pictures together, not picture by picture', () => {
    const confusion = new Confusion(2);
    confusion.add([1], [1]);
    confusion.add([1, 1, 1], [0, 0, 0]);
    expect(confusion.result().iou[1]).toBe(1 / 4);
  });

  it('is 0 over nothing and refuses masks that do not fit', () => {
    expect(new Confusion(2).result()).toMatchObject({ miou: 0, foregroundIou: 0, pixelAccuracy: 0 });
    expect(() => new Confusion(2).add([0], [0, 0])).toThrow(/masks of 1 and 2 pixels/);
    expect(() => new Confusion(2).add([0, 2], [0, 0])).toThrow(/class 2 at pixel 1/);
  });
});
