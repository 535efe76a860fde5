import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDataset } from '../../src/cli/dataset';
import { classify } from '../../src/cli/tasks/classify';
import { detect } from '../../src/cli/tasks/detect';
import { segment } from '../../src/cli/tasks/segment';
import type { Answering } from '../../src/cli/tasks/task-command';
import { ArgumentError, ModelFormatError } from '../../src/errors';
import type { RawPicture } from '../../src/picture';
import { SegmentationMask } from '../../src/tasks/image-segmenter';
import type { Detection } from '../../src/tasks/object-detector';
import type { Picture } from '../../src/tasks/picture';
import { failure } from './fovea';

let folder: string;
let calls: number;

const annotations = {
  classifier_labels: ['cat', 'dog'],
  scene_classes: ['cat', 'dog'],
  images: [
    {
      file: 'a.png',
      width: 4,
      height: 2,
      split: 'val',
      label: 'cat',
      objects: [{ class: 'dog', box: [0, 0, 2, 2] }],
      mask: 'a-mask.png',
    },
    { file: 'b.png', width: 4, height: 2, split: 'val', label: 'dog' },
    { file: 'c.png', width: 4, height: 2, split: 'val', label: null, objects: [], mask: 'c-mask.png' },
    { file: 'd.png', width: 4, height: 2, split: 'val', label: null, background: true },
    { file: 'd.png', width: 4, height: 2, split: 'train', label: 'dog' },
  ],
};

const write = (name: string, value: unknown): void => {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'annotations.json'), typeof value === 'string' ? value : JSON.stringify(value));
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-data-'));
  write('.', annotations);
  for (const [i, name] of ['a', 'b', 'c', 'd'].entries()) {
    const background = { r: i * 10, g: 0, b: 0 };
    await sharp({ create: { width: 4, height: 2, channels: 3, background } }).toFile(join(folder, `${name}.png`));
  }
  const mask = (name: string, values: number[]) =>
    sharp(Buffer.from(values), { raw: { width: 4, height: 2, channels: 1 } })
      .toColourspace('b-w')
      .toFile(join(folder, name));
  await mask('a-mask.png', [1, 1, 0, 0, 1, 255, 0, 0]);
  await mask('c-mask.png', [0, 0, 0, 0, 0, 0, 0, 0]);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Answers by the picture's first red value, which is 0, 10, 20, 30 for a, b, c, d. */
const by =
  <T>(answers: Readonly<Record<number, T>>) =>
  async (picture: Picture) =>
    answers[(picture as RawPicture).data[0]];
const onPicture = (): void => {
  calls++;
};

describe('the figures', () => {
  const val = () => readDataset(folder).photos.filter(({ split }) => split === 'val');

  it('of a classifier: labels by name, and how sure it is of background', async () => {
    // The network numbers its labels in another order than the data set.
    const vision = {
      labels: ['dog', 'cat', 'fish'],
      answer: by({
        0: Float32Array.of(0.1, 0.7, 0.2),
        10: Float32Array.of(0.2, 0.5, 0.3),
        30: Float32Array.of(0.4, 0.3, 0.3),
      }),
    };
    calls = 0;
    const result = await classify.evaluate(vision, readDataset(folder), classify.photos(val(), Infinity), onPicture);
    expect(result.figures).toEqual({ top1: 0.5, top5: 1, n: 2 });
    expect(result.details.meanTopScore).toBeCloseTo(0.6, 6);
    expect(result.details.backgroundMeanTopScore).toBeCloseTo(0.4, 6);
    expect(result.details.backgroundN).toBe(1);
    // At 0.5, the usual threshold: one right, one wrong, the background's 0.4 is no answer.
    expect(result.details).toMatchObject({ threshold: 0.5, precision: 1 / 2, recall: 1 / 2 });
    // 0.7 is right and 0.5 is wrong, each alone in its bin.
    expect(result.details.calibrationError).toBeCloseTo((0.3 + 0.5) / 2, 6);
    expect(result.details.msPerPicture).toBeGreaterThan(0);
    expect(result.mistakes).toEqual([{ truth: 'dog', answer: 'cat', count: 1 }]);
    expect(result.perClass).toEqual([
      { name: 'cat', value: 1 },
      { name: 'dog', value: 0 },
    ]);
    expect(calls).toBe(3);
  });

  it('of a network whose labels are other names than the data set’s, and whose file names a threshold', async () => {
    const vision = {
      labels: ['hound', 'house cat'],
      dataNames: ['dog', 'cat'],
      threshold: 0.6,
      answer: by({ 0: Float32Array.of(0.3, 0.7), 10: Float32Array.of(0.55, 0.45), 30: Float32Array.of(0.8, 0.2) }),
    };
    const photos = classify.photos(val(), Infinity);
    const { figures, details, mistakes } = await classify.evaluate(vision, readDataset(folder), photos, onPicture);
    expect(figures.top1).toBe(1);
    // The dog's 0.55 is too low to be an answer, the background's 0.8 is one, and wrong.
    expect(details).toMatchObject({ threshold: 0.6, precision: 1 / 2, recall: 1 / 2 });
    expect(mistakes).toEqual([{ truth: 'nothing', answer: 'dog', count: 1 }]);
  });

  it('of a detector: a box on an annotated picture without objects counts as wrong', async () => {
    const thing = (score: number, xmax: number) => ({
      label: 'dog',
      index: 2,
      score,
      box: { xmin: 0, ymin: 0, xmax, ymax: 2 },
    });
    const vision = {
      labels: ['background', 'cat', 'dog'],
      answer: by({ 0: [thing(0.8, 2)], 20: [thing(0.9, 3)], 30: [thing(0.7, 2), thing(0.2, 4)] }),
    };
    const result = await detect.evaluate(vision, readDataset(folder), detect.photos(val(), Infinity), onPicture);
    expect(result.figures.n).toBe(2);
    expect(result.figures.map50).toBeCloseTo(0.5, 12);
    expect(result.figures.map).toBeCloseTo(0.5, 12);
    expect(result.perClass).toEqual([{ name: 'dog', value: 0.5 }]);
    expect(result.details).toMatchObject({ threshold: 0.5, precision: 1 / 2, recall: 1 });
    expect(result.details.calibrationError).toBeCloseTo((0.2 + 0.9) / 2, 12);
    expect(result.details).toMatchObject({ backgroundMeanTopScore: 0.7, backgroundN: 1 });
    expect(result.mistakes).toEqual([{ truth: 'nothing', answer: 'dog', count: 1 }]);
  });

  it('of a detector: a box with the wrong name, and a thing without a box, are told apart', async () => {
    const box = { xmin: 0, ymin: 0, xmax: 2, ymax: 2 };
    const vision = (answer: Answering<Detection[]>['answer']): Answering<Detection[]> => ({
      labels: ['background', 'cat', 'dog'],
      threshold: 0.4,
      answer,
    });
    const photos = detect.photos(val(), Infinity);
    const taken = async (score: number) => {
      const answer = by({ 0: [{ label: 'cat', index: 1, score, box }], 20: [], 30: [] });
      return (await detect.evaluate(vision(answer), readDataset(folder), photos, onPicture)).mistakes;
    };
    expect(await taken(0.4)).toEqual([{ truth: 'dog', answer: 'cat', count: 1 }]);
    expect(await taken(0.39)).toEqual([{ truth: 'dog', answer: 'nothing', count: 1 }]);
  });

  it('of a segmenter: objects become classes, unknown pixels count for nothing', async () => {
    const labels = ['background', 'cat', 'dog'];
    const mask = (classes: Uint8Array) => new SegmentationMask(4, 2, labels, classes);
    const vision = {
      labels,
      answer: by({
        0: mask(Uint8Array.of(2, 2, 0, 0, 0, 1, 0, 2)),
        20: mask(new Uint8Array(8)),
        30: mask(Uint8Array.of(0, 1, 2, 0, 0, 0, 0, 0)),
      }),
    };
    const result = await segment.evaluate(vision, readDataset(folder), segment.photos(val(), Infinity), onPicture);
    // Background: 11 of 11 + 2 wrong; dog: 2 hit, 1 missed, 1 wrong.
    expect(result.figures.miou).toBeCloseTo((11 / 13 + 2 / 4) / 2, 12);
    expect(result.figures.foregroundIou).toBeCloseTo(2 / 4, 12);
    expect(result.figures.pixelAccuracy).toBeCloseTo(13 / 15, 12);
    expect(result.figures.n).toBe(2);
    expect(result.perClass.map(({ name }) => name)).toEqual(['background', 'dog']);
    expect(result.details).toMatchObject({ precision: 2 / 3, recall: 2 / 3, backgroundMarked: 1 / 4, backgroundN: 1 });
    expect(result.mistakes).toEqual([
      { truth: 'background', answer: 'dog', count: 1 },
      { truth: 'dog', answer: 'background', count: 1 },
    ]);
  });

  it('need a network that knows the data set’s names, and pictures of the size that was annotated', async () => {
    const data = readDataset(folder);
    const vision = { labels: ['dog'], answer: async () => Float32Array.of(1) };
    const evaluation = classify.evaluate(vision, data, data.photos, onPicture);
    await expect(evaluation).rejects.toThrow(ArgumentError);
    await expect(evaluation).rejects.toThrow(/does not know "cat"/);
    const resized = data.photos.map((photo) => ({ ...photo, width: 5 }));
    const right = { labels: ['cat', 'dog'], answer: async () => Float32Array.of(1, 0) };
    await expect(classify.evaluate(right, data, resized, onPicture)).rejects.toThrow(/4 × 2, but .* 5 × 2/);
  });
});

describe('the pictures that a task is measured on', () => {
  it('are spread evenly over the data, with as many pictures of background', () => {
    const photo = (file: string, background: boolean) => ({
      file,
      width: 1,
      height: 1,
      split: 'val',
      background,
      ...(!background && { label: 'cat' }),
    });
    const photos = [...'0123456789'].flatMap((i) => [photo(i, false), photo(`b${i}`, true)]);
    const names = (limit: number) => classify.photos(photos, limit).map(({ file }) => file);
    expect(names(2)).toEqual(['2', '7', 'b2', 'b7']);
    expect(names(100)).toHaveLength(20);
    expect(detect.photos(photos, 2)).toEqual([]);
  });
});

describe('readDataset', () => {
  it('reads labels, objects and masks', () => {
    const { labels, classes, photos } = readDataset(folder);
    expect([labels, classes]).toEqual([
      ['cat', 'dog'],
      ['cat', 'dog'],
    ]);
    expect(photos[0]).toEqual({
      file: join(folder, 'a.png'),
      width: 4,
      height: 2,
      split: 'val',
      background: false,
      label: 'cat',
      objects: [{ class: 'dog', box: { xmin: 0, ymin: 0, xmax: 2, ymax: 2 } }],
      mask: join(folder, 'a-mask.png'),
    });
    expect(photos[3]).not.toHaveProperty('label');
    expect(photos[3]).not.toHaveProperty('objects');
  });

  it('names the picture and the entry that is wrong', () => {
    const image = annotations.images[0];
    const broken = (change: object): string => {
      write('broken', { ...annotations, images: [{ ...image, ...change }] });
      return join(folder, 'broken');
    };
    expect(() => readDataset(join(folder, 'none'))).toThrow(ArgumentError);
    write('json', '{');
    expect(() => readDataset(join(folder, 'json'))).toThrow(/annotations\.json: not JSON/);
    write('labels', { ...annotations, classifier_labels: 'cat' });
    expect(() => readDataset(join(folder, 'labels'))).toThrow(/classifier_labels must be a list of names/);
    for (const [change, message] of [
      [{ file: 3 }, /a picture's file must be a name/],
      [{ width: -1 }, /a\.png: width and height must be positive integers, got -1 and 2/],
      [{ split: undefined }, /a\.png: split must be a name/],
      [{ label: 7 }, /a\.png: label must be a name or null/],
      [{ mask: 7 }, /a\.png: mask must be a file name/],
      [{ objects: 'none' }, /a\.png: objects must be a list/],
      [{ objects: [{ class: 'cat', box: [1, 2, 3] }] }, /a\.png: objects\[0\]: box must be .* got \[1,2,3\]/],
      [{ objects: [{ box: [1, 2, 3, 4] }] }, /a\.png: objects\[0\]: class must be a name/],
    ] as const) {
      expect(() => readDataset(broken(change))).toThrow(ModelFormatError);
      expect(() => readDataset(broken(change))).toThrow(message);
    }
  });
});

describe('fovea evaluate', () => {
  it('explains in one line what is wrong with its arguments', async () => {
    const data = ['--data', folder, '--split', 'val', '--backend', 'cpu'];
    expect(await failure('evaluate')).toMatch(/needs --data DIR and --split NAME/);
    expect(await failure('evaluate', ...data, '--limit', '0')).toMatch(
      /--limit must be an integer, at least 1, got "0"/,
    );
    expect(await failure('evaluate', ...data, '--limit', 'few')).toMatch(/--limit .* got "few"/);
    expect(await failure('evaluate', ...data, '--task', 'guess')).toMatch(
      /--task must be one of classify, detect, segment/,
    );
    expect(await failure('evaluate', ...data, '--model', 'x.safetensors')).toMatch(/--model needs --task/);
    expect(await failure('evaluate', ...data, 'more')).toMatch(/takes no argument, got "more"/);
    expect(await failure('evaluate', '--data', folder, '--split', 'test', '--backend', 'cpu')).toMatch(
      /no split "test"; there are val, train/,
    );
    expect(await failure('evaluate', '--data', join(folder, 'none'), '--split', 'val')).toMatch(
      /cannot read .*annotations\.json/,
    );
    expect(await failure('evaluate', ...data, '--task', 'classify', '--model', 'none.safetensors')).toMatch(
      /cannot read none\.safetensors/,
    );
  });
});
