import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import type { NetworkFacts } from '../../src/heads/head';
import { knownDefaultBoxes } from '../../src/heads/ssd-boxes';
import { placePicture } from '../../src/picture';
import { segmentMask } from '../../src/reference/segment-mask';
import { type Shape, Tensor } from '../../src/tensor';
import { byReference, type Given, inputsOf, names, type Outputs, option, rowsOf, withHead } from './facts';

/** What `make-goldens/make.py` wrote: outputs, and what their makers' own code finds in them. */
interface Golden {
  readonly outputs: Readonly<Record<string, { readonly shape: Shape; readonly data: readonly number[] }>>;
  /** How many labels the network has. */
  readonly labels: number;
  readonly rows: readonly (readonly number[])[];
  readonly config?: Readonly<Record<string, unknown>>;
  readonly defaultBoxes?: readonly number[];
  /** Whether boxes end at the picture's edge. */
  readonly clipped?: true;
  /** `[height, width]` of the picture, where it is not 64 × 64. */
  readonly size?: readonly [number, number];
  /** x and y of each row's points, in 0..1. */
  readonly points?: readonly (readonly number[])[];
}

const read = <T>(name: string): T => JSON.parse(readFileSync(`test/heads/goldens/${name}.json`, 'utf8'));

const probable = { activation: 'none' } as const;
const convolutions = (golden: Golden): Outputs['last'] =>
  Object.fromEntries(Object.keys(golden.outputs).map((name) => [name, 'conv2d'] as const));

interface Case {
  readonly golden: string;
  readonly head: string;
  /** Default `detect`. */
  readonly task?: string;
  readonly facts?: (golden: Golden) => Partial<NetworkFacts>;
  readonly last?: (golden: Golden) => Outputs['last'];
}

const CASES: readonly Case[] = [
  { golden: 'yolov8', head: 'yolov8', facts: () => option(probable) },
  { golden: 'yolov5', head: 'yolov5', facts: () => option(probable) },
  { golden: 'yolov5-grids', head: 'yolov5-grids', last: convolutions },
  { golden: 'yolov7-grids', head: 'yolov7-grids', facts: () => option({ name: 'yolov7-grids' }), last: convolutions },
  { golden: 'yolox', head: 'yolox', facts: () => option(probable), last: convolutions },
  { golden: 'nanodet', head: 'nanodet', facts: () => option(probable), last: convolutions },
  {
    golden: 'ssd',
    head: 'ssd',
    facts: ({ defaultBoxes = [] }) =>
      option({ defaultBoxes: Tensor.float32([defaultBoxes.length / 4, 4], defaultBoxes) }),
    last: ({ outputs }) => ({ [Object.keys(outputs)[0]]: 'conv2d' }),
  },
  { golden: 'detr', head: 'detr', facts: ({ config }) => ({ config }) },
  { golden: 'rt-detr', head: 'rt-detr', facts: ({ config }) => ({ config }) },
  { golden: 'yolov8-obb', head: 'yolov8-obb', task: 'orient', facts: () => option(probable) },
  { golden: 'centernet', head: 'centernet', last: convolutions },
  { golden: 'retinaface', head: 'retinaface', last: convolutions },
  { golden: 'retinaface', head: 'retinaface-points', task: 'pose', last: convolutions },
  { golden: 'yunet', head: 'yunet', facts: () => option(probable) },
  { golden: 'yunet', head: 'yunet-points', task: 'pose', facts: () => option(probable) },
  { golden: 'blazeface', head: 'blazeface' },
  { golden: 'blazeface', head: 'blazeface-points', task: 'pose' },
  { golden: 'picodet', head: 'picodet', facts: () => option(probable) },
  { golden: 'yolov8-pose', head: 'yolov8-pose', task: 'pose', facts: () => option(probable) },
  { golden: 'pose-rows', head: 'pose-rows', task: 'pose' },
  { golden: 'rows', head: 'rows' },
  { golden: 'numbered-rows', head: 'numbered-rows' },
  { golden: 'lists', head: 'lists' },
  { golden: 'scored-boxes', head: 'scored-boxes' },
  { golden: 'rtmdet', head: 'rtmdet', last: convolutions },
  { golden: 'yolov8-masks', head: 'yolov8-masks', task: 'instances', facts: () => option(probable) },
];

/** Each head has goldens of a square picture, a wide one and a tall one. */
const GOLDENS = CASES.flatMap((one) =>
  ['', '-2', '-3'].map((suffix) => ({ ...one, golden: `${one.golden}${suffix}` })),
);

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ gpu: await createNodeGpu() });
});
afterAll(() => engine.dispose());

describe.each(GOLDENS)('$golden to $head', ({ golden: file, head, task = 'detect', facts = () => ({}), last }) => {
  const golden = read<Golden>(file);
  const values: Given = Object.fromEntries(
    Object.entries(golden.outputs).map(([name, { shape, data }]) => [name, Tensor.float32(shape, data)]),
  );
  const shapes = Object.fromEntries(Object.entries(golden.outputs).map(([name, { shape }]) => [name, shape]));
  const decoded = withHead(
    task,
    { shapes, last: last?.(golden) },
    { labels: names(golden.labels), ...facts(golden) },
    golden.size,
  );

  const agree = (detections: Tensor, keypoints?: Tensor): void => {
    const found = rowsOf(detections).map((row) =>
      golden.clipped ? row.map((x, k) => (k < 4 ? Math.min(Math.max(x, 0), 1) : x)) : row,
    );
    expect(golden.rows.length).toBeGreaterThan(10);
    expect(found.length).toBe(golden.rows.length);
    for (const [k, row] of golden.rows.entries()) {
      expect(found[k][5]).toBe(row[5]);
      // Six digits in the file, and as many in float32.
      for (const [at, value] of row.entries())
        expect(Math.abs(found[k][at] - value)).toBeLessThan(2e-5 * (1 + Math.abs(value)));
    }
    for (const [k, row] of (golden.points ?? []).entries()) {
      const width = (row.length / 2) * 3;
      const points = keypoints!.data.slice(k * width, (k + 1) * width);
      for (const [at, value] of row.entries())
        expect(Math.abs(points[Math.floor(at / 2) * 3 + (at % 2)] - value)).toBeLessThan(2e-5 * (1 + Math.abs(value)));
    }
  };

  it(`is recognised as ${head}`, () => expect(decoded.name).toBe(head));

  it('gives its makers’ boxes, scores and classes by the references', () => {
    const outputs = byReference(decoded.graph, values);
    agree(outputs.get('detections')!, outputs.get('keypoints'));
  });

  it('gives them on the GPU', async () => {
    const model = await engine.load(decoded.graph);
    const outputs = await model.run(inputsOf(decoded.graph, values));
    agree(outputs.detections, outputs.keypoints);
    model.dispose();
  });
});

describe('default boxes', () => {
  const goldens =
    read<Record<string, { side: number; count: number; every: number; boxes: number[] }>>('default-boxes');

  it.each(Object.entries(goldens))('of %s are those of torchvision', (_, { side, count, every, boxes }) => {
    const { boxes: found } = knownDefaultBoxes(count, [side, side])!;
    expect(found.shape).toEqual([count, 4]);
    // torchvision goes through pixels in float32.
    for (const [i, value] of boxes.entries()) {
      const row = Math.floor(i / 4) * every;
      expect(Math.abs(found.data[row * 4 + (i % 4)] - value)).toBeLessThan(5e-6);
    }
  });

  it('of a network of another number or size are not known', () => {
    expect(knownDefaultBoxes(8732, [320, 320])).toBeUndefined();
    expect(knownDefaultBoxes(100, [300, 300])).toBeUndefined();
  });
});

it.each(['semantic', 'semantic-2', 'semantic-3'])(
  'a map of scores, %s, gives the classes that transformers’ post-processing gives',
  (file) => {
    const golden = read<Golden & { height: number; width: number; classes: number[] }>(file);
    const { shape, data } = golden.outputs.logits;
    const { size = [64, 64] } = golden;
    const { graph, name } = withHead('segment', { shapes: { logits: shape } }, {}, size);
    expect(name).toBe('semantic');
    const spec = { size, fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] } as const;
    const logits = byReference(graph, { logits: Tensor.float32(shape, data) }).get('logits')!;
    const mask = segmentMask(logits, placePicture(golden.width, golden.height, spec));
    expect(Array.from(mask)).toEqual(golden.classes);
  },
);
