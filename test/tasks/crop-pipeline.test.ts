import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { ArgumentError } from '../../src/errors';
import { GraphBuilder } from '../../src/graph/builder';
import type { VisionModel } from '../../src/models/vision-model';
import type { PictureSpec } from '../../src/picture';
import { pictureToTensor } from '../../src/reference/picture';
import { ReferenceRunner } from '../../src/reference/runner';
import { CropPipeline } from '../../src/tasks/crop-pipeline';
import { ImageClassifier } from '../../src/tasks/image-classifier';
import { ImageSegmenter } from '../../src/tasks/image-segmenter';
import { ObjectDetector } from '../../src/tasks/object-detector';
import { Tensor } from '../../src/tensor';
import { Random } from '../support/random';

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ gpu: await createNodeGpu() });
});
afterAll(() => engine?.dispose());
afterEach(() => vi.restoreAllMocks());

const plain = { fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] } as const;

/** Boxes that always are where they are; their scores are how red, green and blue the picture is. */
function detector(boxes: readonly (readonly number[])[]): VisionModel {
  const b = new GraphBuilder('three boxes');
  const [means] = b.add('global-pool2d', [b.input('image', [1, 3, 8, 8])], { fn: 'mean' });
  const [scores] = b.add('reshape', [means], { shape: [1, 1, 3] });
  const suppression = {
    scoreLayout: 'class-first',
    boxFormat: 'corners',
    iouThreshold: 1,
    scoreThreshold: 0.05,
    maxPerClass: 3,
    firstClass: 0,
  } as const;
  const places = b.constant('boxes', Tensor.float32([1, 3, 4], boxes.flat()));
  const outputs = ['kept', 'detections', 'count'];
  const [, detections, count] = b.add('non-maximum-suppression', [places, scores], suppression, 'nms', outputs);
  b.limitRows(detections, count);
  return { task: 'detect', graph: b.build([detections]), labels: ['thing'], spec: { ...plain, size: [8, 8] } };
}

/** Answers with the picture that it is shown, as numbers. */
function mirror(size: PictureSpec['size']): VisionModel {
  const b = new GraphBuilder('mirror');
  const [y] = b.add(
    'reshape',
    [b.input('image', [1, 3, ...size])],
    { shape: [1, 3 * size[0] * size[1]] },
    'probabilities',
  );
  return { task: 'classify', graph: b.build([y]), labels: [], spec: { ...plain, size } };
}

function picture(width: number, height: number) {
  const random = new Random(5);
  // The reddest box is the best, the bluest the last.
  const most = [255, 180, 120, 255];
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : random.next() * most[i % 4],
  );
  return { data, width, height };
}

const near = (got: Float32Array, expected: ArrayLike<number>): void => {
  expect(got).toHaveLength(expected.length);
  for (const [i, value] of got.entries()) expect(value).toBeCloseTo(expected[i], 5);
};

async function pipelineOf(boxes: readonly (readonly number[])[], size: PictureSpec['size'], options = {}) {
  const first = await ObjectDetector.load(engine, detector(boxes));
  const second = await ImageClassifier.load(engine, mirror(size));
  return CropPipeline.create(first, second, { threshold: 0, ...options });
}

test('the second network sees the pixels of each box, the best box first', async () => {
  const shown = picture(16, 16);
  const quarters = [0, 4, 12].map((at) => [at / 16, 0.25, (at + 4) / 16, 0.5]);
  const found = await (await pipelineOf(quarters, [4, 4])).run(shown);
  expect(found.map(({ detection: { box } }) => [box.xmin, box.ymin])).toEqual([0, 4, 12].map((at) => [at, 4]));
  for (const [k, at] of [0, 4, 12].entries()) {
    const value = (c: number, y: number, x: number): number => shown.data[((4 + y) * 16 + at + x) * 4 + c] / 255;
    const pixels = Array.from({ length: 48 }, (_, i) => value(Math.floor(i / 16), Math.floor(i / 4) % 4, i % 4));
    near(found[k].result, pixels);
  }
});

test.each([
  ['without a margin', 0, 0.5],
  ['with a margin', 0.1, 0.6],
])('a box is resized as a picture cut at its middle is, %s', async (_, margin, keep) => {
  const shown = picture(40, 40);
  const middle = [0.25, 0.25, 0.75, 0.75];
  const [best] = await (await pipelineOf([middle, middle, middle], [6, 6], { margin, most: 1 })).run(shown);
  expect(best.part).toEqual({ x: 20 - 20 * keep, y: 20 - 20 * keep, width: 40 * keep, height: 40 * keep });
  near(best.result, pictureToTensor(shown, { ...plain, size: [6, 6], fit: 'crop', keep }).data);
});

test('a box grows to the proportions of the second network, beyond the picture if need be', async () => {
  const tall = [0.8, 0, 1, 1];
  const [{ part, detection }] = await (await pipelineOf([tall, tall, tall], [4, 8], { most: 1 })).run(picture(20, 10));
  expect(detection.box).toEqual({ xmin: expect.closeTo(16, 4), ymin: 0, xmax: 20, ymax: 10 });
  expect(part.width / part.height).toBeCloseTo(2, 6);
  expect([part.x + part.width / 2, part.height]).toEqual([expect.closeTo(18, 4), 10]);
});

test('boxes below the threshold and beyond the most are left out', async () => {
  const whole = [0, 0, 1, 1];
  const shown = picture(9, 9);
  expect(await (await pipelineOf([whole, whole, whole], [4, 4], { threshold: 0.3 })).run(shown)).toHaveLength(2);
  expect(await (await pipelineOf([whole, whole, whole], [4, 4], { most: 2 })).run(shown)).toHaveLength(2);
  expect(await (await pipelineOf([whole, whole, whole], [4, 4], { threshold: 1 })).run(shown)).toEqual([]);
});

test('both networks run in one submission, and nothing is read back but the answers', async () => {
  const { device } = engine;
  const events: string[] = [];
  const { submit } = device.queue;
  vi.spyOn(device.queue, 'submit').mockImplementation((commands) => {
    events.push('submit');
    return submit.call(device.queue, commands);
  });
  const { createBuffer } = device;
  vi.spyOn(device, 'createBuffer').mockImplementation((descriptor) => {
    events.push('buffer');
    const buffer = createBuffer.call(device, descriptor);
    const { mapAsync } = buffer;
    buffer.mapAsync = (...range: Parameters<GPUBuffer['mapAsync']>) => {
      events.push('read back');
      return mapAsync.apply(buffer, range);
    };
    return buffer;
  });
  const whole = [0, 0, 1, 1];
  const pipeline = await pipelineOf([whole, whole, whole], [4, 4], { most: 3 });
  await pipeline.run(picture(12, 12));
  events.length = 0;
  expect(await pipeline.run(picture(12, 12))).toHaveLength(3);
  // One for the boxes and one for each crop, all of them behind the only submission.
  expect(events).toEqual(['submit', 'read back', 'read back', 'read back', 'read back']);
});

test('what cannot be chained is refused', async () => {
  const whole = [0, 0, 1, 1];
  const first = await ObjectDetector.load(engine, detector([whole, whole, whole]));
  const second = await ImageClassifier.load(engine, mirror([4, 4]));
  await expect(CropPipeline.create(first, second, { most: 0 })).rejects.toThrow(
    new ArgumentError('most must be 1 to 64, got 0'),
  );
  await expect(CropPipeline.create(first, second, { margin: -1 })).rejects.toThrow('margin must be 0 to 4, got -1');
  const elsewhere = await ImageClassifier.load(new ReferenceRunner(), mirror([4, 4]));
  await expect(CropPipeline.create(first, elsewhere)).rejects.toThrow('crops need a detector and a task on one Engine');
  const b = new GraphBuilder('segmenter');
  const graph = b.build(b.add('unary', [b.input('x', [1, 3, 4, 4])], { fn: 'neg', alpha: 0, beta: 0 }, 'logits'));
  const masks = await ImageSegmenter.load(engine, {
    task: 'segment',
    graph,
    labels: ['a', 'b', 'c'],
    spec: { ...plain, size: [4, 4] },
  });
  await expect(CropPipeline.create(first, masks as never)).rejects.toThrow(
    'crops cannot be shown to a network to segment, which answers by pictures',
  );
});
