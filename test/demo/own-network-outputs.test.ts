import { describe, expect, it } from 'vitest';
import { decodeBoxes } from '../../demo/own-network/boxes';
import { maskOf, pictureOf, probabilities } from '../../demo/own-network/masks';
import { type Head, type InputInfo, type OutputInfo, readingsOf } from '../../demo/own-network/outputs';
import { Tensor } from '../../src/tensor';

const INPUT: InputInfo = { height: 64, width: 64, colours: 3 };
const output = (name: string, ...shape: number[]): OutputInfo => ({ name, shape, dtype: 'float32' });
const first = (input: Partial<InputInfo>, ...outputs: OutputInfo[]) => readingsOf(outputs, { ...INPUT, ...input })[0];

describe('what outputs mean', () => {
  it.each([
    ['[1, 1000] are scores of classes', output('y', 1, 1000)],
    ['[1, 10, 1, 1] too', output('y', 1, 10, 1, 1)],
    ['[10] too', output('y', 10)],
  ])('%s', (_, y) => {
    expect(first({}, y)).toEqual({ kind: 'classes', output: 'y' });
  });

  it('an embedding is no class', () => {
    expect(first({}, output('embedding', 1, 512)).kind).toBe('maps');
  });

  it('[1, 1, H, W], [1, H, W, 1] and [1, H, W] are masks', () => {
    const image = { channels: 1, height: 64, width: 64, channelsLast: false };
    expect(first({}, output('y', 1, 1, 64, 64))).toEqual({ kind: 'mask', output: 'y', image });
    expect(first({}, output('y', 1, 64, 64))).toEqual({ kind: 'mask', output: 'y', image });
    expect(first({}, output('y', 1, 64, 64, 1))).toEqual({
      kind: 'mask',
      output: 'y',
      image: { ...image, channelsLast: true },
    });
  });

  it('[1, 21, H/8, W/8] and whole numbers [1, H, W] are masks of classes', () => {
    expect(first({}, output('y', 1, 21, 8, 8)).kind).toBe('mask');
    expect(first({}, { ...output('y', 1, 64, 64), dtype: 'int32' }).kind).toBe('mask');
  });

  it('three channels, a larger picture, and grey for grey are pictures', () => {
    expect(first({}, output('y', 1, 3, 64, 64)).kind).toBe('picture');
    expect(first({}, output('y', 1, 1, 192, 192)).kind).toBe('picture');
    expect(first({ colours: 1 }, output('y', 1, 1, 64, 64)).kind).toBe('picture');
  });

  it('what is coarse, of another form or has a thousand channels are feature maps', () => {
    expect(first({}, output('y', 1, 125, 2, 2)).kind).toBe('maps');
    expect(first({}, output('y', 1, 3549, 85)).kind).toBe('maps');
    expect(first({}, output('y', 1, 1000, 16, 16)).kind).toBe('maps');
  });

  it('every output can be looked at as feature maps', () => {
    const readings = readingsOf([output('a', 1, 10), output('b', 1, 3, 64, 64)], INPUT);
    expect(readings.filter(({ kind }) => kind === 'maps')).toEqual([
      { kind: 'maps', output: 'a' },
      { kind: 'maps', output: 'b' },
    ]);
  });

  const headOf = (input: Partial<InputInfo>, ...outputs: OutputInfo[]): Head => {
    const reading = first(input, ...outputs);
    if (reading.kind !== 'boxes') throw new Error(`read as ${reading.kind}`);
    return reading.head;
  };

  it('boxes beside scores are SSD’s, in either order', () => {
    const head = { form: 'scored', boxes: 'boxes', scores: 'scores' };
    expect(headOf({}, output('scores', 1, 4420, 2), output('boxes', 1, 4420, 4))).toEqual(head);
    expect(headOf({}, output('boxes', 1, 100, 1, 4), output('scores', 1, 100, 80))).toEqual(head);
    expect(headOf({}, output('scores', 1, 50, 4), output('boxes', 1, 50, 4))).toEqual(head);
  });

  it('rows that grids count are a YOLO’s: 5 + C box by box, 4 + C since version 8', () => {
    const yolo = { form: 'yolo', output: 'y', objectness: true, boxesLast: false };
    const size = { height: 416, width: 416 };
    expect(headOf(size, output('y', 1, 3549, 85))).toEqual({ ...yolo, classes: 80 });
    expect(headOf(size, output('y', 1, 3 * 3549, 85))).toEqual({ ...yolo, classes: 80 });
    expect(headOf(size, output('y', 1, 3549, 6))).toEqual({ ...yolo, classes: 1 });
    expect(headOf(size, output('y', 1, 3549, 84))).toEqual({ ...yolo, objectness: false, classes: 80 });
    const eight = { ...yolo, objectness: false, boxesLast: true };
    expect(headOf(size, output('y', 1, 84, 3549))).toEqual({ ...eight, classes: 80 });
    expect(headOf(size, output('y', 1, 5, 3549))).toEqual({ ...eight, classes: 1 });
    expect(headOf(size, output('y', 1, 116, 3549), output('p', 1, 32, 104, 104))).toEqual({ ...eight, classes: 80 });
  });

  it('rows of six that no grid counts are detections already', () => {
    expect(headOf({}, output('y', 1, 300, 6))).toEqual({ form: 'rows', output: 'y' });
  });

  it('a box and scores for each cell of several grids are found by their lengths', () => {
    const outputs = [8, 16].flatMap((stride) =>
      [1, 1, 4, 10].map((width, i) =>
        output(`${['cls', 'obj', 'bbox', 'kps'][i]}_${stride}`, 1, (64 / stride) ** 2, width),
      ),
    );
    expect(headOf({}, ...outputs)).toEqual({
      form: 'strides',
      levels: [
        { boxes: 'bbox_8', scores: ['cls_8', 'obj_8'], stride: 8, perCell: 1 },
        { boxes: 'bbox_16', scores: ['cls_16', 'obj_16'], stride: 16, perCell: 1 },
      ],
    });
  });

  it('wide rows beside one score are MediaPipe’s, several to a cell', () => {
    const outputs = [output('a', 1, 512, 1), output('b', 1, 384, 1), output('c', 1, 512, 16), output('d', 1, 384, 16)];
    expect(headOf({ height: 128, width: 128 }, ...outputs)).toEqual({
      form: 'cells',
      levels: [
        { boxes: 'c', scores: ['a'], stride: 8, perCell: 2 },
        { boxes: 'd', scores: ['b'], stride: 16, perCell: 6 },
      ],
    });
  });

  it('lists by the names of TensorFlow and of torchvision are detections already', () => {
    const tensorflow = [
      output('detection_boxes', 1, 10, 4),
      output('detection_classes', 1, 10),
      output('detection_scores', 1, 10),
      output('num_detections', 1),
    ];
    expect(headOf({}, ...tensorflow)).toEqual({
      form: 'lists',
      boxes: 'detection_boxes',
      scores: 'detection_scores',
      classes: 'detection_classes',
    });
    expect(headOf({}, output('boxes', 7, 4), { ...output('labels', 7), dtype: 'int32' }, output('scores', 7))).toEqual({
      form: 'lists',
      boxes: 'boxes',
      scores: 'scores',
      classes: 'labels',
    });
  });
});

describe('boxes', () => {
  const decode = (head: Head, tensors: Record<string, Tensor>, input: Partial<InputInfo> = {}): number[][] => {
    const rows = decodeBoxes(head, new Map(Object.entries(tensors)), { ...INPUT, ...input });
    return Array.from({ length: rows.length / 6 }, (_, i) =>
      Array.from(rows.subarray(i * 6, i * 6 + 6), (x) => Number(x.toFixed(4))),
    );
  };
  const scored: Head = { form: 'scored', boxes: 'b', scores: 's' };

  it('of SSD in corners: the background is no class, and of two that overlap the better one stays', () => {
    const b = Tensor.float32([1, 4, 4], [0.1, 0.1, 0.5, 0.5, 0.1, 0.1, 0.5, 0.52, 0.6, 0.6, 0.9, 0.9, 0, 0, 1, 1]);
    const s = Tensor.float32([1, 4, 2], [0.3, 0.7, 0.1, 0.9, 0.99, 0.01, 0.98, 0.02]);
    expect(decode(scored, { b, s })).toEqual([[0.1, 0.1, 0.5, 0.52, 0.9, 0]]);
  });

  it('of SSD by centre and size in pixels, with logits', () => {
    const b = Tensor.float32([1, 2, 4], [32, 32, 16, 32, 8, 8, 4, 4]);
    const s = Tensor.float32([1, 2, 3], [-9, -9, 9, 9, -9, -9]);
    expect(decode(scored, { b, s })).toEqual([[0.375, 0.25, 0.625, 0.75, 1, 1]]);
  });

  it('with scores of their own and no background', () => {
    const b = Tensor.float32([1, 1, 1, 4], [0.25, 0.25, 0.75, 0.5]);
    const s = Tensor.float32([1, 1, 2], [0.75, 0.6]);
    expect(decode(scored, { b, s })).toEqual([
      [0.25, 0.25, 0.75, 0.5, 0.75, 0],
      [0.25, 0.25, 0.75, 0.5, 0.6, 1],
    ]);
  });

  it('that are offsets from boxes that nobody knows are refused', () => {
    const b = Tensor.float32([1, 2, 4], [0.3, -0.2, -0.4, 0.1, 1, 1, -2, 0.5]);
    const s = Tensor.float32([1, 2, 2], [0.1, 0.9, 0.1, 0.9]);
    expect(() => decode(scored, { b, s })).toThrow('default boxes that the file does not hold');
  });

  const yolo: Head = { form: 'yolo', output: 'y', classes: 2, objectness: true, boxesLast: false };

  it('of a YOLO in pixels, with objectness', () => {
    const y = Tensor.float32([1, 1, 7], [32, 16, 32, 16, 0.5, 0.2, 0.9]);
    expect(decode(yolo, { y })).toEqual([
      [0.25, 0.125, 0.75, 0.375, 0.1, 0],
      [0.25, 0.125, 0.75, 0.375, 0.45, 1],
    ]);
  });

  it('of a YOLO as its convolution made them, cell by cell', () => {
    // 64 + 16 + 4 cells of 8, 16 and 32 pixels: the second cell of the second row of the second grid.
    const y = Tensor.float32([1, 84, 7]);
    y.data.set([0.5, 0.25, Math.log(2), -Math.log(2), 1, 0, 0.75], (64 + 5) * 7);
    expect(decode(yolo, { y })).toEqual([[0.125, 0.25, 0.625, 0.375, 0.75, 1]]);
  });

  it('of YOLOv8, whose boxes lie along the last axis', () => {
    const eight: Head = { form: 'yolo', output: 'y', classes: 2, objectness: false, boxesLast: true };
    const y = Tensor.float32([1, 6, 2], [32, 8, 16, 8, 32, 4, 16, 4, 0.1, 0, 0.8, 0]);
    expect(decode(eight, { y })).toEqual([
      [0.25, 0.125, 0.75, 0.375, 0.1, 0],
      [0.25, 0.125, 0.75, 0.375, 0.8, 1],
    ]);
  });

  it('of a grid without anchors, with the root of both scores', () => {
    const levels = [{ boxes: 'b', scores: ['s', 't'], stride: 32, perCell: 1 }];
    const b = Tensor.float32([1, 4, 4]);
    b.data.set([0.5, 0.5, 0, 0], 3 * 4);
    const s = Tensor.float32([1, 4, 1], [0, 0, 0, 0.81]);
    const t = Tensor.float32([1, 4, 1], [1, 1, 1, 0.25]);
    expect(decode({ form: 'strides', levels }, { b, s, t })).toEqual([[0.5, 0.5, 1, 1, 0.45, 0]]);
  });

  it('of MediaPipe, from the centres of cells, with logits', () => {
    const levels = [{ boxes: 'b', scores: ['s'], stride: 32, perCell: 2 }];
    const b = Tensor.float32([1, 8, 6]);
    b.data.set([-8, 0, 16, 32, 1, 1], 7 * 6);
    const s = Tensor.float32([1, 8, 1], [-20, -20, -20, -20, -20, -20, -20, 0]);
    expect(decode({ form: 'cells', levels }, { b, s })).toEqual([[0.5, 0.5, 0.75, 1, 0.5, 0]]);
  });

  it('in rows and in lists, in pixels or not, are taken as they are', () => {
    const y = Tensor.float32([1, 2, 6], [16, 32, 48, 64, 0.9, 2, 0, 0, 0, 0, 0, 0]);
    expect(decode({ form: 'rows', output: 'y' }, { y })).toEqual([[0.25, 0.5, 0.75, 1, 0.9, 2]]);
    const lists: Head = { form: 'lists', boxes: 'detection_boxes', scores: 's', classes: 'c' };
    const detection_boxes = Tensor.float32([1, 1, 4], [0.1, 0.2, 0.3, 0.4]);
    const s = Tensor.float32([1, 1], [0.5]);
    const c = Tensor.float32([1, 1], [3]);
    expect(decode(lists, { detection_boxes, s, c })).toEqual([[0.2, 0.1, 0.4, 0.3, 0.5, 3]]);
    // y is measured by the height, wherever it stands.
    const inPixels = Tensor.float32([1, 1, 4], [16, 32, 32, 64]);
    const wide = { height: 64, width: 128 };
    expect(decode(lists, { detection_boxes: inPixels, s, c }, wide)).toEqual([[0.25, 0.25, 0.5, 0.5, 0.5, 3]]);
  });
});

describe('scores, masks and pictures', () => {
  it('takes probabilities as they are and logits through a softmax', () => {
    expect(Array.from(probabilities([0.25, 0.75]))).toEqual([0.25, 0.75]);
    const [a, b] = probabilities([1000, 1000 + Math.log(3)]);
    expect([a.toFixed(4), b.toFixed(4)]).toEqual(['0.2500', '0.7500']);
    expect(probabilities([Math.log(0.1), Math.log(0.9)])[1]).toBeCloseTo(0.9, 6);
  });

  const spec = { size: [2, 2], fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] } as const;
  const small = { width: 2, height: 2 };
  const image = { channels: 1, height: 2, width: 2, channelsLast: false };
  const mask = (data: number[], channels = 1, channelsLast = false, threshold = 0.5): number[] => {
    const tensor = Tensor.float32(channelsLast ? [1, 2, 2, channels] : [1, channels, 2, 2], data);
    return Array.from(maskOf(tensor, { ...image, channels, channelsLast }, small, spec, threshold));
  };

  it('a probability counts from the threshold on, a logit through a sigmoid', () => {
    expect(mask([0.1, 0.6, 0.9, 0.4])).toEqual([0, 1, 1, 0]);
    expect(mask([0.1, 0.6, 0.9, 0.4], 1, false, 0.8)).toEqual([0, 0, 1, 0]);
    expect(mask([-3, 2, 3, -1])).toEqual([0, 1, 1, 0]);
  });

  it('of several channels the largest wins, wherever they lie', () => {
    expect(mask([9, 0, 0, 0, 0, 9, 0, 0, 0, 0, 9, 9], 3)).toEqual([0, 1, 2, 2]);
    expect(mask([9, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 9], 3, true)).toEqual([0, 1, 2, 2]);
  });

  it('whole numbers are classes', () => {
    const classes = Tensor.int32([1, 2, 2], [0, 3, 1, 3]);
    expect(Array.from(maskOf(classes, image, small, spec, 0.5))).toEqual([0, 3, 1, 3]);
  });

  it('a picture is in 0..1, in -1..1 or in bytes, by how far it reaches', () => {
    const grey = (data: number[]): number[] => {
      const picture = pictureOf(Tensor.float32([1, 1, 2, 2], data), image);
      return Array.from({ length: 4 }, (_, i) => picture.data[i * 4 + 1]);
    };
    expect(grey([0, 1, 0.5, 1.2])).toEqual([0, 255, 128, 255]);
    expect(grey([-1, 1, 0, 0])).toEqual([0, 255, 128, 128]);
    expect(grey([0, 255, 7, 300])).toEqual([0, 255, 7, 255]);
  });
});
