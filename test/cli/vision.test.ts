import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Backend, openBackend } from '../../src/cli/backend';
import { openVision } from '../../src/cli/vision';
import { GraphBuilder } from '../../src/graph/builder';
import { NO_EPILOGUE } from '../../src/graph/operators';
import type { VisionModel } from '../../src/models';
import type { PictureSpec } from '../../src/picture';
import { Tensor } from '../../src/tensor';
import { Random } from '../support/random';

const spec: PictureSpec = { size: [8, 8], fit: 'squash', mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
const quiet = { out: () => {}, err: () => {}, interactive: false };
const random = new Random(11);

function picture(width: number, height: number) {
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => (i % 4 === 3 ? 255 : random.next() * 256));
  return { data, width, height };
}

/** Four channels of eight by eight, from a 1×1 convolution with random weights. */
function features(b: GraphBuilder): string {
  const x = b.input('image', [1, 3, 8, 8]);
  const weight = b.constant('weight', random.tensor([4, 3, 1, 1]));
  const attributes = { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
  return b.add('conv2d', [x, weight, b.constant('bias', Tensor.float32([4]))], attributes)[0];
}

function classifier(): VisionModel {
  const b = new GraphBuilder('tiny classifier');
  const [pooled] = b.add('global-pool2d', [features(b)], { fn: 'mean' });
  const [logits] = b.add('reshape', [pooled], { shape: [1, 4] });
  const graph = b.build(b.add('softmax', [logits], { axis: 1, log: false }, 'probabilities'));
  return { task: 'classify', graph, labels: ['a', 'b', 'c', 'd'], spec };
}

/** A fixed box around each pixel; the picture decides the scores. */
function detector(): VisionModel {
  const b = new GraphBuilder('tiny detector');
  const [scores] = b.add('reshape', [features(b)], { shape: [1, 4, 64] });
  const corners = Array.from({ length: 64 }, (_, i) => [i % 8, i >> 3]).flatMap(([x, y]) => [x, y, x + 2, y + 2]);
  const boxes = b.constant(
    'boxes',
    Tensor.float32(
      [1, 64, 4],
      corners.map((v) => v / 8),
    ),
  );
  const [, detections, count] = b.add(
    'non-maximum-suppression',
    [boxes, scores],
    {
      scoreLayout: 'class-first',
      boxFormat: 'corners',
      iouThreshold: 0.2,
      scoreThreshold: 0.3,
      maxPerClass: 9,
      firstClass: 1,
    },
    'nms',
    ['kept', 'detections', 'count'],
  );
  b.limitRows(detections, count);
  return { task: 'detect', graph: b.build([detections]), labels: ['background', 'a', 'b', 'c'], spec };
}

function segmenter(): VisionModel {
  const b = new GraphBuilder('tiny segmenter');
  const graph = b.build(b.add('unary', [features(b)], { fn: 'neg', alpha: 0, beta: 0 }, 'logits'));
  return { task: 'segment', graph, labels: ['background', 'a', 'b', 'c'], spec };
}

let gpu: Backend;
let cpu: Backend;
beforeAll(async () => {
  gpu = await openBackend({ backend: 'gpu', precision: 'f32' }, quiet);
  cpu = await openBackend({ backend: 'cpu', precision: 'f32' }, quiet);
});
afterAll(() => {
  gpu.dispose();
  cpu.dispose();
});

const pictures = [picture(8, 8), picture(50, 31), picture(1, 1)];

describe('openVision answers the same on the GPU and on the CPU', () => {
  it('when classifying', async () => {
    const model = classifier();
    const [a, b] = [await openVision('classify', gpu, model), await openVision('classify', cpu, model)];
    for (const one of pictures) {
      const [got, expected] = [await a.answer(one), await b.answer(one)];
      expect(got).toHaveLength(4);
      for (const [i, score] of got.entries()) expect(score).toBeCloseTo(expected[i], 5);
    }
  });

  it('when detecting', async () => {
    const model = detector();
    const [a, b] = [await openVision('detect', gpu, model), await openVision('detect', cpu, model)];
    const [got, expected] = [await a.answer(pictures[1]), await b.answer(pictures[1])];
    expect(got.length).toBeGreaterThan(3);
    expect(got.map(({ label, box }) => [label, box])).toEqual(expected.map(({ label, box }) => [label, box]));
    for (const [i, { score }] of got.entries()) expect(score).toBeCloseTo(expected[i].score, 4);
    expect(Math.max(...got.map(({ box }) => box.xmax))).toBeLessThanOrEqual(50);
  });

  it('when segmenting, but for pixels where two classes tie', async () => {
    const model = segmenter();
    const [a, b] = [await openVision('segment', gpu, model), await openVision('segment', cpu, model)];
    for (const one of pictures) {
      const [got, expected] = [await a.answer(one), await b.answer(one)];
      expect(got).toHaveLength(one.width * one.height);
      const different = got.filter((value, i) => value !== expected[i]).length;
      expect(different / got.length).toBeLessThan(0.002);
    }
  });
});

it('refuses a network that is made for another task', async () => {
  await expect(openVision('detect', cpu, classifier())).rejects.toThrow(
    'network "tiny classifier" is made to classify, not to detect',
  );
});
