import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { CpuRunner } from '../../src/cpu/cpu-runner';
import { Engine } from '../../src/engine';
import { ArgumentError, DisposedError } from '../../src/errors';
import { GraphBuilder } from '../../src/graph/builder';
import { NO_ACTIVATION } from '../../src/operators/epilogue';
import type { PictureSpec } from '../../src/picture';
import { ReferenceRunner } from '../../src/reference/runner';
import type { Runner } from '../../src/runner';
import { ImageClassifier } from '../../src/tasks/image-classifier';
import { ImageSegmenter } from '../../src/tasks/image-segmenter';
import { LiveView } from '../../src/tasks/live-view';
import { ObjectDetector } from '../../src/tasks/object-detector';
import { Random } from '../support/random';
import { tinyClassifier, tinyDetector, tinySegmenter } from '../support/tiny-models';

const spec: PictureSpec = { size: [8, 8], fit: 'squash', mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
const random = new Random(11);

function picture(width: number, height: number) {
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => (i % 4 === 3 ? 255 : random.next() * 256));
  return { data, width, height };
}

let runners: Readonly<Record<string, Runner>>;
const cpu = new ReferenceRunner();
beforeAll(async () => {
  runners = { GPU: await Engine.create({ gpu: await createNodeGpu() }), CPU: new CpuRunner({ threads: 2 }) };
});
afterAll(() => {
  for (const runner of Object.values(runners ?? {})) runner.dispose();
});

const pictures = [picture(8, 8), picture(50, 31), picture(1, 1)];

describe.each(['GPU', 'CPU'])('a task answers the same on the %s and on the reference', (name) => {
  it('when classifying', async () => {
    const model = tinyClassifier();
    const [a, b] = [await ImageClassifier.load(runners[name], model), await ImageClassifier.load(cpu, model)];
    for (const one of pictures) {
      const [got, expected] = [await a.scores(one), await b.scores(one)];
      expect(got).toHaveLength(4);
      for (const [i, score] of got.entries()) expect(score).toBeCloseTo(expected[i], 5);
    }
  });

  it('when detecting', async () => {
    const model = tinyDetector();
    const [a, b] = [await ObjectDetector.load(runners[name], model), await ObjectDetector.load(cpu, model)];
    const [got, expected] = [await a.candidates(pictures[1]), await b.candidates(pictures[1])];
    expect(got.length).toBeGreaterThan(3);
    expect(got.map(({ label, box }) => [label, box])).toEqual(expected.map(({ label, box }) => [label, box]));
    for (const [i, { score }] of got.entries()) expect(score).toBeCloseTo(expected[i].score, 4);
    expect(Math.max(...got.map(({ box }) => box.xmax))).toBeLessThanOrEqual(50);
  });

  it('when segmenting, but for pixels where two classes tie', async () => {
    const model = tinySegmenter();
    const [a, b] = [await ImageSegmenter.load(runners[name], model), await ImageSegmenter.load(cpu, model)];
    for (const one of pictures) {
      const [got, expected] = [(await a.segment(one)).classes, (await b.segment(one)).classes];
      expect(got).toHaveLength(one.width * one.height);
      const different = got.filter((value, i) => value !== expected[i]).length;
      expect(different / got.length).toBeLessThan(0.002);
    }
  });
});

describe.each(['GPU', 'CPU'])('on the %s several pictures have the answers that each has alone', (name) => {
  it('of a classifier and a detector, and an empty list has none', async () => {
    const labels = await ImageClassifier.load(runners[name], tinyClassifier());
    const things = await ObjectDetector.load(runners[name], tinyDetector());
    const alone = [];
    for (const one of pictures) alone.push([await labels.classify(one), await things.detect(one, { threshold: 0.3 })]);
    const [classified, detected] = await Promise.all([
      labels.classify(pictures),
      things.detect(pictures, { threshold: 0.3 }),
    ]);
    expect(classified.map((answer, k) => [answer, detected[k]])).toEqual(alone);
    expect(await labels.classify([])).toEqual([]);
  });

  it('of a segmenter, whose last mask is that of the last picture', async () => {
    const task = await ImageSegmenter.load(runners[name], tinySegmenter());
    const masks = await task.segment(pictures);
    expect(masks.map(({ width, height }) => [width, height])).toEqual(pictures.map((p) => [p.width, p.height]));
    for (const [k, one] of pictures.entries()) expect(masks[k].classes).toEqual((await task.segment(one)).classes);
  });
});

it('refuses a network that is made for another task', async () => {
  await expect(ObjectDetector.load(cpu, tinyClassifier())).rejects.toThrow(
    'network "tiny classifier" is made to classify, not to detect',
  );
});

describe('on the reference', () => {
  it('an input with channels last gets the same picture', async () => {
    const b = new GraphBuilder('channels last');
    const [means] = b.add('reduce', [b.input('image', [1, 8, 8, 3])], { fn: 'mean', axes: [1, 2], keepDims: false });
    const last = { task: 'classify', graph: b.build([b.add('unary', [means], NO_ACTIVATION, 'probabilities')[0]]) };
    const c = new GraphBuilder('channels first');
    const [pooled] = c.add('global-pool2d', [c.input('image', [1, 3, 8, 8])], { fn: 'mean' });
    const first = { task: 'classify', graph: c.build(c.add('reshape', [pooled], { shape: [1, 3] }, 'probabilities')) };
    const scores = async (model: typeof last): Promise<Float32Array> =>
      (await ImageClassifier.load(cpu, { ...model, labels: [], spec })).scores(pictures[1]);
    const [got, expected] = [await scores(last), await scores(first)];
    for (const [i, score] of expected.entries()) expect(got[i]).toBeCloseTo(score, 6);
    expect(expected[0]).not.toBeCloseTo(expected[1], 3);
  });

  it('pictures and networks are refused as on the GPU', async () => {
    const small = { ...spec, size: [4, 4] } as const;
    await expect(ImageClassifier.load(cpu, { ...tinyClassifier(), spec: small })).rejects.toThrow(
      'takes pictures of 8 × 8, but is given 4 × 4',
    );
    const loaded = await ImageClassifier.load(cpu, tinyClassifier());
    const wrong = { data: new Uint8Array(10), width: 4, height: 4 };
    await expect(loaded.classify(wrong)).rejects.toThrow('a picture of 4 × 4 needs 64 bytes of RGBA, got 10');
    loaded.dispose();
    await expect(loaded.classify(pictures[0])).rejects.toThrow(DisposedError);
  });

  it('a mask has no texture, and a live view says that it needs an engine', async () => {
    const loaded = await ImageSegmenter.load(cpu, tinySegmenter());
    const mask = await loaded.segment(pictures[0]);
    expect(() => mask.texture).toThrow(new ArgumentError('a mask that was made without a GPU has no texture'));
    await expect(LiveView.create({ loaded })).rejects.toThrow(/needs its tasks on an engine/);
  });
});
