import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { readPicture } from '../../src/cli/picture';
import { CpuRunner } from '../../src/cpu/cpu-runner';
import { Engine } from '../../src/engine';
import { ImageClassifier } from '../../src/tasks/image-classifier';
import { ImageSegmenter } from '../../src/tasks/image-segmenter';
import type { ModelOptions } from '../../src/tasks/load-model';
import { ObjectDetector } from '../../src/tasks/object-detector';
import { FLOAT, INT64, type ModelSpec, type NodeSpec, onnxFile, type TensorSpec } from '../formats/onnx-file';
import { shared } from '../support/shared';

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ gpu: await createNodeGpu() });
});
afterAll(() => engine.dispose());

/** A picture whose left half is of one colour and whose right half is of another. */
function halves(left: readonly number[], right: readonly number[], width = 64, height = 64) {
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) data.set([...(i % width < width / 2 ? left : right), 255], i * 4);
  return { data, width, height };
}

const numbers = (name: string, dims: readonly number[], floats: readonly number[]): TensorSpec => ({
  name,
  type: FLOAT,
  dims,
  floats,
});
const integers = (name: string, int64s: readonly number[]): TensorSpec => ({
  name,
  type: INT64,
  dims: [int64s.length],
  int64s,
});

const network = (
  nodes: readonly NodeSpec[],
  outputs: readonly string[],
  initializers: readonly TensorSpec[],
  more: Partial<ModelSpec> = {},
) => onnxFile({ inputs: [{ name: 'images', dims: [1, 3, 64, 64] }], outputs, initializers, nodes, ...more });

/** Means of red, green and blue as scores. */
const COLOURS = [
  { op: 'GlobalAveragePool', inputs: ['images'], outputs: ['means'] },
  { op: 'Flatten', inputs: ['means'], outputs: ['logits'], attributes: { axis: 1 } },
];

describe('a classifier by other people', () => {
  it('answers with probabilities of its labels', async () => {
    const bytes = network(COLOURS, ['logits'], []);
    const preparation = { fit: 'squash', mean: [0, 0, 0], std: [0.1, 0.1, 0.1] } as const;
    const classifier = await ImageClassifier.load(engine, bytes, { labels: ['red', 'green', 'blue'], preparation });
    const [best, next] = await classifier.classify(halves([0, 255, 0], [0, 0, 128]));
    expect([best.label, next.label]).toEqual(['green', 'blue']);
    const powers = [0, 5, (10 * 128) / 255 / 2].map(Math.exp);
    expect(best.score).toBeCloseTo(powers[1] / powers.reduce((a, b) => a + b), 4);
    expect(classifier.preparation).toMatchObject({ size: [64, 64], head: 'classes', channels: 'rgb', ...preparation });
    expect(classifier.preparation.from).toMatchObject({
      size: "the input's shape",
      fit: 'the caller',
      channels: 'the usual of classes',
      head: 'the outputs',
      labels: 'the caller',
    });
    classifier.dispose();
  });

  it('may take grey pictures, bytes, or channels last', async () => {
    const UINT8 = 2;
    const flat = (dims: readonly number[], type = FLOAT) =>
      onnxFile({
        inputs: [{ name: 'x', dims, type }],
        outputs: ['logits'],
        initializers: [integers('shape', [1, -1])],
        nodes: [
          { op: 'Cast', inputs: ['x'], outputs: ['numbers'], attributes: { to: 1 } },
          { op: 'Reshape', inputs: ['numbers', 'shape'], outputs: ['logits'] },
        ],
      });
    const picture = {
      data: Uint8Array.of(255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 9, 9, 9, 255),
      width: 2,
      height: 2,
    };
    const options: ModelOptions = {
      head: { activation: 'none' },
      preparation: { fit: 'squash', mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] },
    };
    const scores = async (bytes: Uint8Array): Promise<number[]> => {
      const classifier = await ImageClassifier.load(engine, bytes, options);
      const found = Array.from(await classifier.scores(picture), (x) => Number(x.toFixed(1)));
      classifier.dispose();
      return found;
    };
    const grey = [76.2, 149.7, 29.1, 9];
    expect(await scores(flat([1, 1, 2, 2]))).toEqual(grey);
    expect(await scores(flat([1, 2, 2, 1]))).toEqual(grey);
    expect(await scores(flat([1, 1, 2, 2], UINT8))).toEqual(grey.map(Math.round));
    expect(await scores(flat([1, 2, 2, 1], UINT8))).toEqual(grey.map(Math.round));
    expect(await scores(flat([1, 3, 2, 2], UINT8))).toEqual([255, 0, 0, 9, 0, 255, 0, 9, 0, 0, 255, 9]);
    expect(await scores(flat([1, 2, 2, 3]))).toEqual([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9]);
  });
});

/** YOLOv8's output for grids of 64 pixels: one box whose score of class 1 is the mean of blue. */
const YOLO: { nodes: NodeSpec[]; initializers: TensorSpec[] } = {
  nodes: [
    { op: 'GlobalAveragePool', inputs: ['images'], outputs: ['means'] },
    { op: 'Slice', inputs: ['means', 'two', 'three', 'one'], outputs: ['blue'] },
    { op: 'Reshape', inputs: ['blue', 'single'], outputs: ['score'] },
    { op: 'Mul', inputs: ['score', 'rows'], outputs: ['scaled'] },
    { op: 'Add', inputs: ['scaled', 'boxes'], outputs: ['output0'] },
  ],
  initializers: [
    integers('two', [2]),
    integers('three', [3]),
    integers('one', [1]),
    integers('single', [1, 1, 1]),
    numbers(
      'rows',
      [1, 6, 84],
      Array.from({ length: 504 }, (_, i) => Number(i === 5 * 84 + 7)),
    ),
    numbers(
      'boxes',
      [1, 6, 84],
      Array.from({ length: 504 }, (_, i) => (i % 84 === 7 && i < 336 ? [32, 16, 32, 16][Math.floor(i / 84)] : 0)),
    ),
  ],
};

describe('a detector by other people', () => {
  const metadata = { names: "{0: 'cat', 1: 'dog'}", imgsz: '[64, 64]', task: 'detect', stride: '32' };
  const bytes = () => network(YOLO.nodes, ['output0'], YOLO.initializers, { metadata });
  const head = { name: 'yolov8', activation: 'none' } as const;

  it('needs no word where its exporter left names: its letterbox is undone', async () => {
    const detector = await ObjectDetector.load(engine, bytes(), { head });
    // 128 × 64: seen at half its size between bars of 16 pixels.
    const things = await detector.detect(halves([0, 0, 255], [0, 0, 255], 128, 64), { threshold: 0.3 });
    expect(things.map(({ label, index }) => [label, index])).toEqual([['dog', 1]]);
    const { box, score } = things[0];
    expect([box.xmin, box.ymin, box.xmax, box.ymax].map(Math.round)).toEqual([32, 0, 96, 16]);
    // The bars are of Ultralytics' grey.
    expect(score).toBeCloseTo(0.5 + (0.5 * 114) / 255, 4);
    expect(detector.preparation).toMatchObject({ fit: 'letterbox', bars: 114 / 255, head: 'yolov8' });
    expect(detector.preparation.from).toMatchObject({ labels: "the file's metadata", fit: 'the usual of yolov8' });
    detector.dispose();
  });

  it('answers the same on the CPU, and from a Blob', async () => {
    const runner = new CpuRunner();
    const picture = halves([0, 0, 255], [255, 0, 200]);
    const answers = await Promise.all(
      [engine, runner].map(async (on) => {
        const detector = await ObjectDetector.load(on, new Blob([bytes() as Uint8Array<ArrayBuffer>]), { head });
        const found = await detector.candidates(picture);
        detector.dispose();
        return found;
      }),
    );
    expect(answers[0].length).toBe(1);
    expect(answers[1][0].score).toBeCloseTo(answers[0][0].score, 4);
    expect(answers[1][0].box).toEqual(answers[0][0].box);
    runner.dispose();
  });

  it('is refused by a task that none of its outputs fits, with the outputs and what to do', async () => {
    await expect(ImageSegmenter.load(engine, bytes())).rejects.toThrow(
      'no head to segment fits its outputs "output0" float32 [1, 6, 84] with 2 labels; tried mask-queries: ',
    );
    await expect(ObjectDetector.load(engine, bytes(), { labels: ['a', 'b', 'c'] })).rejects.toThrow(
      'with 3 labels; tried',
    );
    await expect(ObjectDetector.load(engine, bytes(), { haed: 'yolov8' } as ModelOptions)).rejects.toThrow(
      'unknown option "haed": is "head" meant?',
    );
    const text = network(YOLO.nodes, ['output0'], YOLO.initializers, {
      inputs: [
        { name: 'images', dims: [1, 3, 64, 64] },
        { name: 'text', dims: [1, 8] },
      ],
    });
    await expect(ObjectDetector.load(engine, text)).rejects.toThrow(
      'takes "images" [1, 3, 64, 64], "text" [1, 8], and a task gives one picture',
    );
  });
});

it('a segmenter by other people says what every pixel is', async () => {
  const bytes = network([{ op: 'Identity', inputs: ['images'], outputs: ['map'] }], ['map'], []);
  const preparation = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
  const segmenter = await ImageSegmenter.load(engine, bytes, { labels: ['background', 'green', 'blue'], preparation });
  const mask = await segmenter.segment(halves([0, 255, 0], [0, 0, 255]));
  expect(mask.areas()).toEqual([
    { label: 'green', index: 1, pixels: 2048 },
    { label: 'blue', index: 2, pixels: 2048 },
  ]);
  segmenter.dispose();
});

const folder = shared('onnx/models');

describe.skipIf(!folder)('networks of ../shared/onnx/models', () => {
  const path = (file: string): string => `${folder}/${file}`;
  const FACES = 'ultraface/sample-2.jpg';
  const PERSON = 'selfie-segmentation/sample-Test.jpg';

  it('SqueezeNet and MobileNet see the pelican', async () => {
    const labels = readFileSync(path('squeezenet1.1/imagenet_classes.txt'), 'utf8').trim().split('\n');
    for (const file of ['squeezenet1.1/squeezenet1.1.onnx', 'mobilenet-v1-0.25/mobilenet_v1_0.25_224.onnx']) {
      const classifier = await ImageClassifier.load(engine, path(file), { labels });
      const [best] = await classifier.classify(await readPicture(path('squeezenet1.1/pelican.jpeg')));
      expect(best.label).toBe('pelican');
      expect(best.score).toBeGreaterThan(0.6);
      classifier.dispose();
    }
  });

  // By the README beside the network: its makers' own preparation and decoding in onnxruntime.
  it.each([
    ['785', { person: 0.89, skis: 0.74 }],
    ['285', { bear: 0.93 }],
    ['139', { tv: 0.9, person: 0.69, chair: 0.66 }],
  ])('YOLOX-nano finds what is on COCO’s picture %s, without a word about it', async (number, expected) => {
    const detector = await ObjectDetector.load(engine, path('yolox-nano/yolox-nano.onnx'));
    const found = await detector.detect(await readPicture(path(`yolox-nano/coco-${number}.jpg`)), { threshold: 0.6 });
    const best = new Map(found.toReversed().map(({ label, score }) => [label, score]));
    expect([...best.keys()].sort()).toEqual(Object.keys(expected).sort());
    for (const [label, score] of Object.entries(expected))
      expect(Math.abs(best.get(label)! - score)).toBeLessThan(0.02);
    detector.dispose();
  });

  it.each(['ultraface/ultraface-rfb320.onnx', 'ultraface/ultraface-rfb320-simplified.onnx', 'yunet/yunet-n-320.onnx'])(
    '%s finds the four faces, its default boxes in the file or not',
    async (file) => {
      const detector = await ObjectDetector.load(engine, path(file));
      const faces = await detector.detect(await readPicture(path(FACES)), { threshold: 0.7 });
      expect(faces.map(({ label }) => label)).toEqual(['face', 'face', 'face', 'face']);
      const centres = faces.map(({ box }) => Math.round((box.xmin + box.xmax) / 200)).sort();
      expect(centres).toEqual([2, 4, 6, 8]);
      detector.dispose();
    },
  );

  it('BlazeFace finds the face near the camera', async () => {
    const detector = await ObjectDetector.load(engine, path('blazeface-front/blazeface-front-128.onnx'));
    const [face, ...others] = await detector.detect(await readPicture(path(PERSON)));
    expect(others).toEqual([]);
    expect(face).toMatchObject({ label: 'face', index: 0 });
    expect(face.score).toBeGreaterThan(0.9);
    detector.dispose();
  });

  it('selfie segmentation gives the person’s pixels', async () => {
    const segmenter = await ImageSegmenter.load(engine, path('selfie-segmentation/selfie-seg-landscape.onnx'));
    const mask = await segmenter.segment(await readPicture(path(PERSON)));
    const [{ label, pixels }] = mask.areas();
    expect(label).toBe('foreground');
    expect(pixels / mask.classes.length).toBeGreaterThan(0.25);
    expect(pixels / mask.classes.length).toBeLessThan(0.35);
    segmenter.dispose();
  });
});
