import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { ArgumentError } from '../../src/errors';
import { GraphBuilder } from '../../src/graph/builder';
import type { VisionModel } from '../../src/models/vision-model';
import { NO_ACTIVATION } from '../../src/operators/epilogue';
import { placePicture } from '../../src/picture';
import { ImageClassifier, topLabels } from '../../src/tasks/image-classifier';
import { instanceMasks } from '../../src/tasks/instances';
import { aboveThreshold, type Detection, toDetections } from '../../src/tasks/object-detector';

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ gpu: await createNodeGpu() });
});
afterAll(() => engine?.dispose());

/** Scores red, green and blue each by itself, by a sigmoid: several may apply, or none. */
function multiLabel(): VisionModel {
  const builder = new GraphBuilder('colours');
  const picture = builder.input('picture', [1, 3, 4, 4]);
  const [means] = builder.add('global-pool2d', [picture], { fn: 'mean' });
  const [scores] = builder.add('unary', [means], { ...NO_ACTIVATION, fn: 'sigmoid' });
  const outputs = builder.add('reshape', [scores], { shape: [1, 3] }, 'probabilities');
  const spec = { size: [4, 4], fit: 'squash', mean: [0.5, 0.5, 0.5], std: [0.1, 0.1, 0.1] } as const;
  return { task: 'classify', graph: builder.build(outputs), labels: ['red', 'green', 'blue'], spec };
}

const filled = (color: readonly number[]) => ({
  data: Uint8Array.from({ length: 8 * 8 * 4 }, (_, i) => [...color, 255][i % 4]),
  width: 8,
  height: 8,
});

test('a classifier of several labels names all that apply, or none', async () => {
  const classifier = await ImageClassifier.load(engine, multiLabel());
  const yellow = await classifier.classify(filled([255, 250, 0]), { threshold: 0.5 });
  expect(yellow.map(({ label }) => label)).toEqual(['red', 'green']);
  // Each is a probability of its own: (1 - 0.5) / 0.1 = 5.
  expect(yellow[0].score).toBeCloseTo(1 / (1 + Math.exp(-5)), 5);
  expect(await classifier.classify(filled([0, 0, 0]), { threshold: 0.5 })).toEqual([]);
  classifier.dispose();
});

test('scores are ranked anew under other settings without another run', async () => {
  const classifier = await ImageClassifier.load(engine, multiLabel());
  const scores = await classifier.scores(filled([255, 200, 0]));
  const submit = vi.spyOn(engine.device.queue, 'submit');
  expect(topLabels(scores, classifier.labels, { topK: 1 }).map(({ label }) => label)).toEqual(['red']);
  expect(topLabels(scores, classifier.labels).map(({ label }) => label)).toEqual(['red', 'green', 'blue']);
  expect(submit).not.toHaveBeenCalled();
  submit.mockRestore();
  classifier.dispose();
});

test('equal scores are ranked by index, and a count that is none is refused', () => {
  const scores = Float32Array.of(0.2, 0.4, 0.4);
  expect(topLabels(scores, ['a', 'b', 'c']).map(({ index }) => index)).toEqual([1, 2, 0]);
  expect(topLabels(scores, ['a'], { topK: 2 })[0].label).toBe('class 1');
  expect(() => topLabels(scores, [], { topK: Number.NaN })).toThrow(ArgumentError);
  expect(() => topLabels(Float32Array.of(0.2, Number.NaN), ['a', 'b'])).toThrow('must be numbers, got NaN');
  expect(() => topLabels(scores, ['a', 'b', 'c'], { threshold: Number.NaN })).toThrow('must be numbers, got NaN');
  expect(() => aboveThreshold([], { topK: -1 })).toThrow(new ArgumentError('topK must be 0 or more, got -1'));
});

test('a picture has a whole number of pixels a side', () => {
  const spec = { size: [32, 32], fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] } as const;
  expect(() => placePicture(1.5, 2, spec)).toThrow('a picture must have pixels and not be closed, got 1.5 × 2');
});

test('rows of detections become boxes in the picture, cut off at its edges, best first', () => {
  const rows = Float32Array.of(-0.5, 0.25, 0.5, 2, 0.6, 1, 0.25, 0.25, 0.75, 0.75, 0.9, 2);
  const placement = placePicture(200, 100, { size: [32, 32], fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] });
  const found = toDetections(rows, ['background', 'cat', 'dog'], placement);
  expect(found.map(({ label }) => label)).toEqual(['dog', 'cat']);
  expect(found[0].box).toEqual({ xmin: 50, ymin: 25, xmax: 150, ymax: 75 });
  expect(found[1].box).toEqual({ xmin: 0, ymin: 25, xmax: 100, ymax: 100 });
  expect(aboveThreshold(found, { threshold: 0.7 }).map(({ label }) => label)).toEqual(['dog']);
  expect(aboveThreshold(found, { threshold: 0.1, topK: 1 })).toHaveLength(1);
});

test('pixels in two boxes of their class go to the nearer thing, and things of other classes get none', () => {
  const labels = ['background', 'cat', 'dog'];
  const at = (label: string, xmin: number, xmax: number): Detection => ({
    label,
    score: 1,
    // The detector numbers its classes in another way: labels tell.
    index: 9,
    box: { xmin, ymin: 0, xmax, ymax: 1 },
  });
  const mask = { width: 8, height: 1, labels, classes: Uint8Array.of(1, 1, 1, 1, 1, 0, 2, 1) };
  const [left, right, dog] = instanceMasks([at('cat', 0, 4), at('cat', 2, 6), at('dog', 0, 4)], mask);
  expect([...left.pixels]).toEqual([1, 1, 1, 0, 0, 0, 0, 0]);
  expect([...right.pixels]).toEqual([0, 0, 0, 1, 1, 0, 0, 0]);
  expect([left.area, right.area, dog.area]).toEqual([3, 2, 0]);
});
