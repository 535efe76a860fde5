import { describe, expect, it } from 'vitest';
import { importOnnx } from '../../src/formats/onnx';
import type { NetworkFacts } from '../../src/heads/head';
import { headOptions } from '../../src/heads/heads';
import { activationOf } from '../../src/heads/origin';
import { imageOf } from '../../src/heads/semantic';
import type { Shape } from '../../src/tensor';
import { Tensor } from '../../src/tensor';
import { FLOAT, onnxFile } from '../formats/onnx-file';
import { byReference, names, type Outputs, option, rowsOf, withHead } from './facts';

const headOf = (
  task: string,
  shapes: Record<string, Shape>,
  { side = 64, last, ...more }: Partial<NetworkFacts> & { side?: number; last?: Outputs['last'] } = {},
) => withHead(task, { shapes, ...(last && { last }) }, more, side);

describe('the last activation of scores', () => {
  const float = (name: string, value: number) => ({ name, type: FLOAT, dims: [], floats: [value] });
  const zeros = [
    ['with a zero point', ['q', 's', 'z']],
    ['without one', ['q', 's']],
  ] as const;

  it.each(zeros)('is found through the rounding of an 8-bit file, %s', (_, [q, ...more]) => {
    const scores = (op: string) =>
      importOnnx(
        onnxFile({
          inputs: [{ name: 'x', dims: [1, 4] }],
          outputs: ['y'],
          initializers: [float('s', 1 / 255), { name: 'z', type: 2, dims: [], int32s: [3] }],
          nodes: [
            { op, inputs: ['x'], outputs: ['a'] },
            { op: 'QuantizeLinear', inputs: ['a', ...more], outputs: [q] },
            { op: 'DequantizeLinear', inputs: [q, ...more], outputs: ['y'] },
          ],
        }),
      );
    expect(activationOf(scores('Sigmoid'), 'y')).toBe('sigmoid');
    expect(activationOf(scores('Softmax'), 'y')).toBe('softmax');
    expect(activationOf(scores('Tanh'), 'y')).toBeUndefined();
  });
});

describe('outputs that are maps', () => {
  const isMap = (width: number): boolean =>
    imageOf({ name: 'y', dtype: 'float32', shape: [1, 5, 32, width] }, [128, 128]) !== undefined;

  it('have the input’s proportions, give or take the pixels that rounding loses', () => {
    expect([29, 30, 32, 34, 35].map(isMap)).toEqual([false, true, true, true, false]);
  });
});

describe('outputs of detectors', () => {
  const sigmoid = { y: 'sigmoid' } as const;
  type Row = [string, Record<string, Shape>, string, number, { side?: number; last?: Outputs['last'] }];
  it.each<Row>([
    ['[1, 4 + C, B] are YOLOv8’s', { y: [1, 84, 8400] }, 'yolov8', 80, { side: 640, last: sigmoid }],
    ['[1, 4 + C, B] of few classes too', { y: [1, 5, 84] }, 'yolov8', 1, { last: sigmoid }],
    ['[1, B, 84] too', { y: [1, 8400, 84] }, 'yolov8', 80, { side: 640, last: sigmoid }],
    ['masks’ coefficients are no classes', { y: [1, 116, 8400], m: [1, 32, 160, 160] }, 'yolov8', 80, { side: 640 }],
    ['[1, B, 5 + C] are YOLOv5’s', { y: [1, 25200, 85] }, 'yolov5', 80, { side: 640, last: { y: 'exp' } }],
    ['with one box in a cell too (YOLOv6)', { y: [1, 8400, 85] }, 'yolov5', 80, { side: 640, last: { y: 'exp' } }],
    ['as a convolution made them, YOLOX’s', { y: [1, 3549, 85] }, 'yolox', 80, { side: 416, last: { y: 'conv2d' } }],
    ['with 32 bins, NanoDet’s', { y: [1, 3598, 112] }, 'nanodet', 80, { side: 416, last: { y: 'conv2d' } }],
    ['[1, 300, 6] are rows', { y: [1, 300, 6] }, 'rows', 80, { side: 640 }],
    ['[R, 7] are YOLOv7’s rows', { y: [100, 7] }, 'numbered-rows', 80, { side: 640 }],
    ['boxes, scores and labels', { boxes: [50, 4], scores: [50], labels: [50] }, 'lists', 80, { side: 64 }],
    ['boxes with scores, and labels', { dets: [1, 50, 5], labels: [1, 50] }, 'scored-boxes', 80, { side: 64 }],
    [
      'scores and distances for each stride are RTMDet’s',
      { c8: [1, 4, 8, 8], c16: [1, 4, 4, 4], b8: [1, 4, 8, 8], b16: [1, 4, 4, 4] },
      'rtmdet',
      4,
      {},
    ],
    [
      'peaks, sizes and offsets are CenterNet’s',
      { hm: [1, 8, 16, 16], wh: [1, 2, 16, 16], reg: [1, 2, 16, 16] },
      'centernet',
      8,
      {},
    ],
    [
      'two default boxes a cell with points are RetinaFace’s',
      { loc: [1, 168, 4], conf: [1, 168, 2], landms: [1, 168, 10] },
      'retinaface',
      1,
      { last: { loc: 'conv2d' } },
    ],
    ['softmax beside decoded boxes', { b: [1, 50, 4], s: [1, 50, 4] }, 'ssd', 4, { last: { b: 'exp', s: 'softmax' } }],
  ])('%s', (_, shapes, head, classes, more) => {
    const found = headOf('detect', shapes, more);
    expect([found.name, found.reading.classes]).toEqual([head, classes]);
  });

  it('an angle behind the scores is known by the exporter’s word, or asked for', () => {
    const shapes = { y: [1, 9, 84] as Shape };
    const metadata = new Map([['task', 'obb']]);
    expect(headOf('detect', shapes, { labels: names(4), metadata }).name).toBe('yolov8-obb-upright');
    expect(headOf('detect', shapes, { labels: names(5) }).name).toBe('yolov8');
    expect(headOf('orient', shapes, { labels: names(4), metadata }).name).toBe('yolov8-obb');
  });

  it('known labels tell [1, B, 4 + C] from [1, B, 5 + C]', () => {
    const shapes = { y: [1, 84, 9] as Shape };
    expect(headOf('detect', shapes, { labels: names(5), last: { y: 'exp' } }).name).toBe('yolov8');
    expect(headOf('detect', shapes, { labels: names(4), last: { y: 'exp' } }).name).toBe('yolov5');
  });

  it('a caller names the head, by the network’s name too', () => {
    expect(headOptions('yolo11')).toEqual({ name: 'yolov8' });
    expect(headOptions({ name: 'yolov7', iouThreshold: 0.6 })).toEqual({ name: 'yolov5', iouThreshold: 0.6 });
    expect(headOf('detect', { y: [1, 84, 8] }, option({ name: 'yolox' })).name).toBe('yolox');
    expect(() => headOptions('yolo')).toThrow('there is no head "yolo", only classes, lists, ');
  });

  it('what no head fits is named, with the heads that were tried and what to pass', () => {
    const unknown = () => headOf('detect', { y: [1, 10], z: [1, 7, 9] }, { labels: names(3) });
    expect(unknown).toThrow(
      'net.onnx: no head to detect fits its outputs "y" float32 [1, 10], "z" float32 [1, 7, 9] with 3 labels; tried lists: ',
    );
    expect(unknown).toThrow('yolov8: [1, 4 + C, B]');
    expect(unknown).toThrow("Say what they are with { head: 'yolov8', labels }, or run the network with engine.load");
    expect(() => headOf('detect', { y: [1, 10] }, option({ name: 'yolov8' }))).toThrow(
      'head "yolov8" to detect does not fit its outputs',
    );
    expect(() => headOf('detect', { y: [1, 10] }, option({ name: 'classes' }))).toThrow('heads to detect are lists, ');
  });

  it('offsets from default boxes that nobody knows are refused with what to pass', () => {
    const unknown = () => headOf('detect', { boxes: [1, 50, 4], conf: [1, 50, 3] }, { last: { boxes: 'conv2d' } });
    expect(unknown).toThrow(
      'output "boxes" holds offsets from 50 default boxes that the file does not have: pass them',
    );
    const wrong = option({ defaultBoxes: Tensor.float32([2, 4]) });
    expect(() =>
      headOf('detect', { boxes: [1, 50, 4], conf: [1, 50, 3] }, { last: { boxes: 'conv2d' }, ...wrong }),
    ).toThrow('head.defaultBoxes must be a tensor [50, 4]');
  });
});

describe('boxes of plain decoders', () => {
  /** Suppression that leaves everything: boxes far apart. */
  const detections = (outputs: Outputs, values: Record<string, Tensor>, more: Partial<NetworkFacts> = {}): number[][] =>
    rowsOf(byReference(withHead('detect', outputs, more).graph, values).get('detections')!);

  const close = (actual: readonly number[][], expected: readonly number[][]): void => {
    expect(actual.length).toBe(expected.length);
    for (const [k, row] of expected.entries())
      for (const [i, x] of row.entries()) expect(actual[k][i]).toBeCloseTo(x, 5);
  };

  it('rows in pixels are sorted, and those of a low score do not count', () => {
    const rows = Tensor.float32([1, 3, 6], [0, 0, 32, 64, 0.5, 2, 1, 1, 2, 2, 0.01, 1, 16, 16, 64, 64, 0.9, 7]);
    close(detections({ shapes: { y: [1, 3, 6] } }, { y: rows }), [
      [0.25, 0.25, 1, 1, 0.9, 7],
      [0, 0, 0.5, 1, 0.5, 2],
    ]);
    const units = option({ units: 'unit', boxFormat: 'center' });
    close(
      detections({ shapes: { y: [1, 1, 6] } }, { y: Tensor.float32([1, 1, 6], [0.5, 0.5, 0.5, 1, 0.5, 2]) }, units),
      [[0.25, 0, 0.75, 1, 0.5, 2]],
    );
  });

  it('rows with a picture’s number have class before score', () => {
    const rows = Tensor.float32([2, 7], [0, 0, 0, 32, 64, 2, 0.5, 0, 16, 16, 64, 64, 7, 0.9]);
    close(detections({ shapes: { y: [2, 7] } }, { y: rows }), [
      [0.25, 0.25, 1, 1, 0.9, 7],
      [0, 0, 0.5, 1, 0.5, 2],
    ]);
  });

  it('TensorFlow’s lists have y first, in 0..1; others x, in pixels', () => {
    const scores = Tensor.float32([1, 1], [0.75]);
    const shapes = { detection_boxes: [1, 1, 4], detection_scores: [1, 1], detection_classes: [1, 1] } as const;
    const boxes = Tensor.float32([1, 1, 4], [0.1, 0.2, 0.3, 0.4]);
    const classes = Tensor.float32([1, 1], [3]);
    const values = { detection_boxes: boxes, detection_scores: scores, detection_classes: classes };
    close(detections({ shapes }, values), [[0.2, 0.1, 0.4, 0.3, 0.75, 3]]);
    const torch = { boxes: Tensor.float32([1, 4], [16, 32, 48, 64]), scores: Tensor.float32([1], [0.75]) };
    close(detections({ shapes: { boxes: [1, 4], scores: [1] } }, torch), [[0.25, 0.5, 0.75, 1, 0.75, 0]]);
  });

  /** YuNet's grids of a picture of 64 pixels; one cell of each sees a face. */
  const yunetCells = [
    { stride: 8, count: 64, cell: 10, offsets: [0.5, 0.25, Math.log(1.5), 0], cls: 0.81, obj: 1 },
    { stride: 16, count: 16, cell: 15, offsets: [0.5, 0.5, 0, Math.log(2)], cls: 0.5, obj: 0.5 },
    { stride: 32, count: 4, cell: 0, offsets: [0.25, 0.5, Math.log(0.5), 0], cls: 0.36, obj: 0.64 },
  ];

  it('YuNet’s boxes, scores and points lie where its paper says', () => {
    const shapes: Record<string, Shape> = {};
    const values: Record<string, Tensor> = {};
    const expected: number[][] = [];
    const points: number[][] = [];
    for (const { stride, count, cell, offsets, cls, obj } of yunetCells) {
      const put = (name: string, width: number, row: readonly number[]): void => {
        shapes[`${name}_${stride}`] = [1, count, width];
        const data = new Float32Array(count * width);
        data.set(row, cell * width);
        values[`${name}_${stride}`] = Tensor.float32([1, count, width], data);
      };
      const landmarks = Array.from({ length: 10 }, (_, k) => k / 10);
      put('cls', 1, [cls]);
      put('obj', 1, [obj]);
      put('bbox', 4, offsets);
      put('kps', 10, landmarks);
      const across = 64 / stride;
      const corner = [(cell % across) * stride, Math.floor(cell / across) * stride];
      const [cx, cy] = [0, 1].map((axis) => corner[axis] + offsets[axis] * stride);
      const [w, h] = [2, 3].map((k) => Math.exp(offsets[k]) * stride);
      const corners = [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2].map((x) => x / 64);
      expected.push([...corners, Math.sqrt(cls * obj), 0]);
      points.push(landmarks.map((x, k) => (corner[k % 2] + x * stride) / 64));
    }
    const { graph, name } = withHead('detect', { shapes }, option({ activation: 'none' }));
    expect(name).toBe('yunet');
    const found = byReference(graph, values);
    close(rowsOf(found.get('detections')!), expected);
    const { data } = found.get('keypoints')!;
    for (const [k, row] of points.entries()) {
      for (const [i, x] of row.entries()) expect(data[k * 15 + Math.floor(i / 2) * 3 + (i % 2)]).toBeCloseTo(x, 5);
    }
  });

  it('BlazeFace’s boxes and points are in pixels from the middle of a cell', () => {
    // At 64 pixels two boxes in each cell of 8 × 8, six in each of 4 × 4.
    const shapes = { s8: [1, 128, 1], s16: [1, 96, 1], b8: [1, 128, 16], b16: [1, 96, 16] } as const;
    const [scores, boxes] = [new Float32Array(128).fill(-20), new Float32Array(128 * 16)];
    scores[21] = 2;
    boxes.set([2, -4, 16, 8, ...Array.from({ length: 12 }, (_, k) => k - 6)], 21 * 16);
    const values = {
      s8: Tensor.float32([1, 128, 1], scores),
      s16: Tensor.float32([1, 96, 1], new Float32Array(96).fill(-20)),
      b8: Tensor.float32([1, 128, 16], boxes),
      b16: Tensor.float32([1, 96, 16]),
    };
    const { graph, name } = withHead('detect', { shapes });
    expect(name).toBe('blazeface');
    const found = byReference(graph, values);
    // Box 21 is of cell 10: column 2, row 1.
    const [x, y] = [2.5 * 8, 1.5 * 8];
    const corners = [x + 2 - 8, y - 4 - 4, x + 2 + 8, y - 4 + 4].map((v) => v / 64);
    close(rowsOf(found.get('detections')!), [[...corners, 1 / (1 + Math.exp(-2)), 0]]);
    for (let k = 0; k < 12; k++) {
      expect(found.get('keypoints')!.data[Math.floor(k / 2) * 3 + (k % 2)]).toBeCloseTo(
        ((k % 2 === 0 ? x : y) + k - 6) / 64,
        5,
      );
    }
  });

  it('PicoDet’s sides are means of distributions, from the middle of a cell', () => {
    const shapes: Record<string, Shape> = {};
    const values: Record<string, Tensor> = {};
    for (const [k, count] of [64, 16, 4].entries()) {
      shapes[`cls${k}`] = [1, count, 3];
      shapes[`reg${k}`] = [1, count, 32];
      const [scores, bins] = [new Float32Array(count * 3), new Float32Array(count * 32)];
      if (k === 1) {
        scores[5 * 3 + 2] = 0.7;
        for (const [side, bin] of [1, 0, 2, 1].entries()) bins[5 * 32 + side * 8 + bin] = 60;
      }
      values[`cls${k}`] = Tensor.float32([1, count, 3], scores);
      values[`reg${k}`] = Tensor.float32([1, count, 32], bins);
    }
    const { graph, name } = withHead('detect', { shapes }, option({ activation: 'none' }));
    expect(name).toBe('picodet');
    // Cell 5 of 4 × 4: column 1, row 1, strides of 16.
    const corners = [24 - 16, 24, 24 + 32, 24 + 16].map((v) => v / 64);
    close(rowsOf(byReference(graph, values).get('detections')!), [[...corners, 0.7, 2]]);
  });
});

describe('scores of classes', () => {
  const probabilities = (
    shape: Shape,
    last: 'exp' | 'softmax' | 'sigmoid',
    data: readonly number[],
    more = {},
  ): number[] => {
    const { graph, name } = withHead('classify', { shapes: { y: shape }, last: { y: last } }, more);
    expect(name).toBe('classes');
    const found = byReference(graph, { y: Tensor.float32(shape, data) }).get('probabilities')!;
    expect(found.shape).toEqual([1, data.length]);
    return Array.from(found.data, Number);
  };
  const softmax = (values: readonly number[]): number[] => {
    const powers = values.map(Math.exp);
    return powers.map((power) => power / powers.reduce((a, b) => a + b));
  };
  const close = (actual: readonly number[], expected: readonly number[]): void => {
    for (const [k, x] of expected.entries()) expect(actual[k]).toBeCloseTo(x, 6);
  };

  it('become probabilities by a softmax, unless the network has one', () => {
    close(probabilities([1, 3], 'exp', [0, 1, -1]), softmax([1, Math.E, 1 / Math.E]));
    close(probabilities([1, 3, 1, 1], 'exp', [0, 1, -1]), softmax([1, Math.E, 1 / Math.E]));
    close(probabilities([1, 3], 'softmax', [0, 1, -1]), softmax([0, 1, -1]));
  });

  it('of several labels at once stay as a sigmoid made them', () => {
    close(probabilities([1, 2], 'sigmoid', [0, 2]), [0.5, 1 / (1 + Math.exp(-2))]);
    close(probabilities([1, 2], 'exp', [0, 1], option({ activation: 'sigmoid' })), [
      1 / (1 + Math.exp(-1)),
      1 / (1 + Math.exp(-Math.E)),
    ]);
  });

  it('are looked for under their name, and vectors that describe are none', () => {
    const shapes = { embedding: [1, 8], logits: [1, 3] } as const;
    expect(withHead('classify', { shapes }).reading.classes).toBe(3);
    expect(() => withHead('classify', { shapes: { embedding: [1, 8] } })).toThrow('no head to classify fits');
  });
});

describe('maps of scores', () => {
  const logits = (outputs: Outputs, values: Record<string, Tensor>, side = 4): Tensor => {
    const { graph } = withHead('segment', outputs, {}, side);
    return byReference(graph, values).get('logits')!;
  };

  it('of one channel say how likely a pixel is of the thing', () => {
    const data = Array.from({ length: 16 }, (_, k) => k / 4 - 2);
    const y = Tensor.float32([1, 1, 4, 4], data);
    expect(Array.from(logits({ shapes: { y: [1, 1, 4, 4] }, last: { y: 'exp' } }, { y }).data.slice(0, 16))).toEqual(
      new Array(16).fill(0),
    );
    const likely = logits({ shapes: { y: [1, 4, 4] }, last: { y: 'sigmoid' } }, { y: Tensor.float32([1, 4, 4], data) });
    expect(likely.shape).toEqual([1, 2, 4, 4]);
    expect(Array.from(likely.data.slice(0, 16))).toEqual(new Array(16).fill(0.5));
    for (const [k, x] of data.entries()) expect(likely.data[16 + k]).toBeCloseTo(1 / (1 + Math.exp(-x)), 6);
  });

  it('with channels last are turned', () => {
    const data = Array.from({ length: 192 }, (_, k) => k);
    const turned = logits({ shapes: { y: [1, 8, 8, 3] } }, { y: Tensor.float32([1, 8, 8, 3], data) }, 8);
    expect(turned.shape).toEqual([1, 3, 8, 8]);
    expect(Array.from(turned.data.slice(0, 3))).toEqual([0, 3, 6]);
  });

  it('without a class for nothing get one that never wins', () => {
    const y = Tensor.float32([1, 2, 4, 4], new Float32Array(32).fill(-100));
    const shapes = { y: [1, 2, 4, 4] as Shape };
    const found = withHead('segment', { shapes }, { labels: ['wall', 'floor'] }, 4);
    expect(found.reading.classes).toBe(3);
    const { data } = byReference(found.graph, { y }).get('logits')!;
    expect(Math.max(...Array.from(data.slice(0, 16), Number))).toBeLessThan(-1000);
    expect(withHead('segment', { shapes }, { labels: ['background', 'cat'] }, 4).reading.classes).toBe(2);
  });
});
