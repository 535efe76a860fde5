import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { readPicture } from '../../src/cli/picture';
import { Engine } from '../../src/engine';
import {
  BackgroundRemover,
  DepthEstimator,
  ImageEmbedder,
  ImageTransformer,
  InstanceSegmenter,
  OrientedDetector,
  PoseEstimator,
  similarity,
} from '../../src/tasks';
import { INT64, type NodeSpec, onnxFile, type TensorSpec } from '../formats/onnx-file';
import { columns, constants, numbers } from '../support/constant-network';
import { shared } from '../support/shared';

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ gpu: await createNodeGpu() });
});
afterAll(() => engine.dispose());

const integers = (name: string, int64s: readonly number[]): TensorSpec => ({
  name,
  type: INT64,
  dims: [int64s.length],
  int64s,
});

const plain = (width: number, height: number, colour: readonly number[] = [9, 99, 199]) => {
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < data.length; i += 4) data.set([...colour, 255], i);
  return { data, width, height };
};

describe('poses', () => {
  it('of YOLO have points in pixels of the picture, with their scores', async () => {
    const points = Array.from({ length: 17 }, (_, k) => [16 + k, 32 - k, k / 16]).flat();
    const rows = columns(30, [32, 32, 16, 24, 0.9, ...points]);
    const metadata = { names: "{0: 'person'}", imgsz: '[64, 64]', task: 'pose', kpt_shape: '[17, 3]' };
    const bytes = constants({ output0: numbers('rows', [1, 56, 84], rows) }, { metadata });
    const estimator = await PoseEstimator.load(engine, bytes, { head: { name: 'yolov8-pose', activation: 'none' } });
    // 128 × 64 is seen at half its size, 16 pixels from above.
    const [pose, ...others] = await estimator.estimate(plain(128, 64));
    expect(others).toEqual([]);
    expect(pose).toMatchObject({ label: 'person', index: 0 });
    expect(pose.score).toBeCloseTo(0.9, 5);
    expect([pose.box.xmin, pose.box.ymin, pose.box.xmax, pose.box.ymax].map(Math.round)).toEqual([48, 8, 80, 56]);
    expect(pose.keypoints.length).toBe(17);
    for (const [k, { x, y, score }] of pose.keypoints.entries()) {
      expect(x).toBeCloseTo((16 + k) * 2, 3);
      expect(y).toBeCloseTo((32 - k - 16) * 2, 3);
      expect(score).toBeCloseTo(k / 16, 5);
    }
    expect(pose.keypoints[0].label).toBe('nose');
    estimator.dispose();
  });

  it('at an angle have their corners in pixels of the picture, and the upright box around them', async () => {
    const rows = columns(30, [32, 32, 20, 10, 0.9, Math.PI / 6]);
    const metadata = { names: "{0: 'boat'}", imgsz: '[64, 64]', task: 'obb' };
    const bytes = constants({ output0: numbers('rows', [1, 6, 84], rows) }, { metadata });
    const detector = await OrientedDetector.load(engine, bytes, { head: { activation: 'none' } });
    const [boat, ...others] = await detector.detect(plain(128, 64));
    expect(others).toEqual([]);
    expect(boat).toMatchObject({ label: 'boat', index: 0 });
    // 128 × 64 is seen at half its size, 16 pixels from above.
    const [cos, sin] = [Math.cos(Math.PI / 6), 0.5];
    const expected = [
      [10, 5],
      [10, -5],
      [-10, -5],
      [-10, 5],
    ].map(([u, v]) => [2 * (32 + u * cos - v * sin), 2 * (16 + u * sin + v * cos)]);
    for (const [k, { x, y }] of boat.corners.entries()) {
      expect(x).toBeCloseTo(expected[k][0], 3);
      expect(y).toBeCloseTo(expected[k][1], 3);
    }
    expect(boat.box.xmin).toBeCloseTo(Math.min(...expected.map(([x]) => x)), 3);
    expect(boat.box.ymax).toBeCloseTo(Math.max(...expected.map(([, y]) => y)), 3);
    detector.dispose();
  });

  it('that need no suppression are rows', async () => {
    const points = Array.from({ length: 17 }, (_, k) => [k, 2 * k, 0.5]).flat();
    const rows = [...new Array<number>(57).fill(0), 8, 16, 24, 32, 0.75, 0, ...points];
    const bytes = constants({ output0: numbers('rows', [1, 2, 57], rows) });
    const estimator = await PoseEstimator.load(engine, bytes);
    const [pose, ...others] = await estimator.estimate(plain(64, 64));
    expect(others).toEqual([]);
    expect(pose.box.xmin).toBeCloseTo(8, 4);
    expect(pose.keypoints[16]).toMatchObject({ label: 'right ankle' });
    expect([pose.keypoints[16].x, pose.keypoints[16].y].map((v) => Math.round(v * 100) / 100)).toEqual([16, 32]);
    expect(estimator.preparation.head).toBe('pose-rows');
    estimator.dispose();
  });

  it('of heat maps are where a map is highest', async () => {
    const maps = new Array<number>(5 * 16 * 16).fill(0);
    for (let k = 0; k < 5; k++) maps[k * 256 + (6 + k) * 16 + 5 + k] = 0.5 + k / 10;
    const estimator = await PoseEstimator.load(engine, constants({ heatmaps: numbers('maps', [1, 5, 16, 16], maps) }));
    const [{ keypoints, score, box }] = await estimator.estimate(plain(128, 128));
    for (const [k, point] of keypoints.entries()) {
      // The outer cells' middles are the picture's edges.
      expect(point.x).toBeCloseTo(((5 + k) * 128) / 15, 3);
      expect(point.y).toBeCloseTo(((6 + k) * 128) / 15, 3);
      expect(point.score).toBeCloseTo(0.5 + k / 10, 5);
    }
    expect(score).toBeCloseTo(0.7, 5);
    expect(box.xmin).toBeCloseTo((5 * 128) / 15, 3);
    estimator.dispose();
  });

  it('of SimCC are where both scores are highest', async () => {
    const [x, y] = [new Array<number>(3 * 128).fill(0), new Array<number>(3 * 128).fill(0)];
    for (let k = 0; k < 3; k++) {
      x[k * 128 + 20 + k] = 0.8;
      y[k * 128 + 40 + k] = 0.6 + k / 10;
    }
    const outputs = { simcc_x: numbers('x', [1, 3, 128], x), simcc_y: numbers('y', [1, 3, 128], y) };
    const estimator = await PoseEstimator.load(engine, constants(outputs));
    const [{ keypoints }] = await estimator.estimate(plain(64, 64));
    for (const [k, point] of keypoints.entries()) {
      expect(point.x).toBeCloseTo((20 + k) / 2, 3);
      expect(point.y).toBeCloseTo((40 + k) / 2, 3);
      expect(point.score).toBeCloseTo(Math.min(0.8, 0.6 + k / 10), 5);
    }
    estimator.dispose();
  });
});

it('instances are the pixels of their boxes at which the prototypes’ mix is above 0', async () => {
  // Two prototypes: 1 in the left half and -1 in the right, and the other way round.
  const half = (sign: number): number[] => Array.from({ length: 256 }, (_, i) => (i % 16 < 8 ? sign : -sign));
  const rows = columns(30, [32, 32, 32, 16, 0.25, 0.9, 2, 1]);
  const outputs = {
    output0: numbers('rows', [1, 8, 84], rows),
    output1: numbers('prototypes', [1, 2, 16, 16], [...half(1), ...half(-1)]),
  };
  const metadata = { names: "{0: 'cat', 1: 'dog'}", imgsz: '[64, 64]', task: 'segment' };
  const segmenter = await InstanceSegmenter.load(engine, constants(outputs, { metadata }), {
    head: { name: 'yolov8-masks', activation: 'none' },
  });
  const [{ detection, pixels, area }, ...others] = await segmenter.segment(plain(64, 64));
  expect(others).toEqual([]);
  expect(detection).toMatchObject({ label: 'dog', index: 1 });
  // The left half of a box from (16, 24) to (48, 40).
  expect(area).toBe(16 * 16);
  const isThing = (x: number, y: number): number => pixels[y * 64 + x];
  expect([
    isThing(16, 24),
    isThing(31, 39),
    isThing(32, 30),
    isThing(15, 30),
    isThing(20, 23),
    isThing(20, 40),
  ]).toEqual([1, 1, 0, 0, 0, 0]);
  segmenter.dispose();
});

it('depth is a number for every pixel of the picture', async () => {
  const slope = Array.from({ length: 64 * 64 }, (_, i) => 5 + (i % 64));
  const bytes = constants({ predicted_depth: numbers('slope', [1, 64, 64], slope) });
  const estimator = await DepthEstimator.load(engine, bytes);
  const map = await estimator.estimate(plain(128, 32));
  expect([map.width, map.height, map.values.length]).toEqual([128, 32, 4096]);
  // Pixel centres: 64.5 of 128 is 31.75 of 64.
  expect(map.values[64]).toBeCloseTo(5 + 31.75, 4);
  expect(map.range.map((v) => Math.round(v))).toEqual([5, 68]);
  const grey = map.toGrey();
  expect([grey[0], grey[127]]).toEqual([0, 255]);
  estimator.dispose();
});

it('a cut-out keeps the thing’s pixels and the picture’s colours', async () => {
  const likely = Array.from({ length: 64 * 64 }, (_, i) => (i % 64 < 32 ? 60 : -60));
  const remover = await BackgroundRemover.load(engine, constants({ y: numbers('likely', [1, 1, 64, 64], likely) }));
  const cutOut = await remover.remove(plain(64, 64));
  expect(Array.from(cutOut.data.slice(0, 4))).toEqual([9, 99, 199, 255]);
  expect(Array.from(cutOut.data.slice(4 * 63, 4 * 64))).toEqual([9, 99, 199, 0]);
  remover.dispose();
});

describe('pictures from pictures', () => {
  const layers = (nodes: readonly NodeSpec[], initializers: readonly TensorSpec[], channels: number) =>
    onnxFile({ inputs: [{ name: 'x', dims: [1, channels, 48, 48] }], outputs: ['y'], initializers, nodes });
  /** Every pixel repeated 2 × 2. */
  const doubled = (channels: number) =>
    layers(
      [
        {
          op: 'Resize',
          inputs: ['x', '', 'scales'],
          outputs: ['y'],
          attributes: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
        },
      ],
      [numbers('scales', [4], [1, 1, 2, 2])],
      channels,
    );
  const noisy = (width: number, height: number) => {
    const data = Uint8Array.from({ length: width * height * 4 }, (_, i) =>
      i % 4 === 3 ? 255 : (i * 2654435761) >>> 24,
    );
    return { data, width, height };
  };

  it('larger than the network are put together of parts, without a seam', async () => {
    const transformer = await ImageTransformer.load(engine, doubled(3));
    const picture = noisy(101, 67);
    const result = await transformer.transform(picture);
    expect([result.width, result.height]).toEqual([202, 134]);
    let most = 0;
    for (let y = 0; y < 134; y++)
      for (let x = 0; x < 202; x++)
        for (let c = 0; c < 4; c++) {
          const expected = picture.data[(Math.floor(y / 2) * 101 + Math.floor(x / 2)) * 4 + c];
          most = Math.max(most, Math.abs(result.data[(y * 202 + x) * 4 + c] - expected));
        }
    expect(most).toBeLessThanOrEqual(1);
    transformer.dispose();
  });

  it('smaller than the network too, or seen as a whole', async () => {
    const transformer = await ImageTransformer.load(engine, doubled(3));
    const small = await transformer.transform(plain(20, 10));
    expect([small.width, small.height, ...small.data.slice(0, 4)]).toEqual([40, 20, 9, 99, 199, 255]);
    const whole = await transformer.transform(plain(96, 24), { whole: true });
    expect([whole.width, whole.height, ...whole.data.slice(0, 4)]).toEqual([192, 48, 9, 99, 199, 255]);
    await expect(transformer.transform(plain(4, 4), { hole: true } as never)).rejects.toThrow('is "whole" meant?');
    transformer.dispose();
  });

  it('keep their colours where the network makes brightness alone', async () => {
    const transformer = await ImageTransformer.load(engine, doubled(1));
    const result = await transformer.transform(plain(48, 48));
    for (const [c, expected] of [9, 99, 199, 255].entries())
      expect(Math.abs(result.data[c] - expected)).toBeLessThanOrEqual(1);
    transformer.dispose();
  });
});

it('an embedding is a vector of length 1, and similarity its product with another', async () => {
  const nodes = [
    { op: 'GlobalAveragePool', inputs: ['x'], outputs: ['means'] },
    { op: 'Reshape', inputs: ['means', 'shape'], outputs: ['image_embeds'] },
  ];
  const bytes = onnxFile({
    inputs: [{ name: 'x', dims: [1, 3, 8, 8] }],
    outputs: ['image_embeds'],
    initializers: [integers('shape', [1, 3])],
    nodes,
  });
  const embedder = await ImageEmbedder.load(engine, bytes, { preparation: { mean: [0, 0, 0], std: [1, 1, 1] } });
  const red = await embedder.embed(plain(8, 8, [200, 0, 0]));
  const purple = await embedder.embed(plain(8, 8, [100, 0, 100]));
  expect(Array.from(red, (v) => Number(v.toFixed(5)))).toEqual([1, 0, 0]);
  expect(similarity(red, purple)).toBeCloseTo(Math.SQRT1_2, 5);
  expect(similarity(red, red)).toBeCloseTo(1, 6);
  expect(similarity([0, 0], [1, 1])).toBe(0);
  expect(() => similarity([1], [1, 2])).toThrow('vectors of one length can be compared, got 1 and 2');
  embedder.dispose();
});

const folder = shared('onnx/models');

describe.skipIf(!folder)('networks of ../shared/onnx/models', () => {
  const path = (file: string): string => `${folder}/${file}`;

  it.each(['yunet/yunet-n-320.onnx', 'blazeface-front/blazeface-front-128.onnx'])(
    '%s finds the points of a face within its box',
    async (file) => {
      const estimator = await PoseEstimator.load(engine, path(file));
      const picture = file.startsWith('yunet') ? 'ultraface/sample-2.jpg' : 'selfie-segmentation/sample-Test.jpg';
      const poses = await estimator.estimate(await readPicture(path(picture)), { threshold: 0.7 });
      expect(poses.length).toBe(file.startsWith('yunet') ? 4 : 1);
      for (const { box, keypoints } of poses) {
        const [right, left] = keypoints;
        // The first two are eyes: side by side in the upper half.
        expect(left.x - right.x).toBeGreaterThan((box.xmax - box.xmin) / 5);
        for (const { x, y } of [right, left]) {
          expect(x > box.xmin && x < box.xmax && y > box.ymin && y < (box.ymin + box.ymax) / 2).toBe(true);
        }
      }
      estimator.dispose();
    },
  );

  it('selfie segmentation cuts the person out', async () => {
    const remover = await BackgroundRemover.load(engine, path('selfie-segmentation/selfie-seg-landscape.onnx'));
    const { data } = await remover.remove(await readPicture(path('selfie-segmentation/sample-Test.jpg')));
    let kept = 0;
    for (let i = 3; i < data.length; i += 4) kept += data[i] / 255;
    expect(kept / (data.length / 4)).toBeGreaterThan(0.25);
    expect(kept / (data.length / 4)).toBeLessThan(0.35);
    remover.dispose();
  });

  it('ESPCN makes a picture three times as large, of the same colours', async () => {
    const transformer = await ImageTransformer.load(engine, path('superres-espcn/superres-espcn.onnx'));
    const { data, width: wide } = await readPicture(path('squeezenet1.1/pelican.jpeg'));
    const [width, height] = [200, 120];
    const at = (x: number, y: number): number => ((y + 100) * wide + x + 150) * 4;
    const rows = Array.from({ length: height }, (_, y) => [...data.subarray(at(0, y), at(width, y))]);
    const picture = { data: Uint8Array.from(rows.flat()), width, height };
    const result = await transformer.transform(picture);
    expect([result.width, result.height]).toEqual([600, 360]);
    // Means of 3 × 3 pixels are about the pixels that they came from.
    let sum = 0;
    for (let y = 10; y < 110; y++)
      for (let x = 10; x < 190; x++)
        for (let c = 0; c < 3; c++) {
          let mean = 0;
          for (let v = 0; v < 9; v++)
            mean += result.data[((3 * y + Math.floor(v / 3)) * 600 + 3 * x + (v % 3)) * 4 + c] / 9;
          sum += Math.abs(mean - picture.data[(y * width + x) * 4 + c]);
        }
    expect(sum / (100 * 180 * 3)).toBeLessThan(6);
    transformer.dispose();
  });
});
