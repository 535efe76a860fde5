import { describe, expect, it } from 'vitest';
import { withDetections } from '../../demo/own-network/detections';
import { maskOf, pictureOf, probabilities } from '../../demo/own-network/masks';
import { type InputInfo, type OutputInfo, readingsOf } from '../../demo/own-network/outputs';
import { pictureInput, usualPreparation } from '../../demo/own-network/preparation';
import { Tensor } from '../../src/tensor';
import { networkOf } from '../heads/facts';

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

  it('boxes that the library finds come first, unless the network describes', () => {
    const kinds = (...outputs: OutputInfo[]): string[] => readingsOf(outputs, INPUT, true).map(({ kind }) => kind);
    expect(kinds(output('y', 1, 84, 8))).toEqual(['boxes', 'maps']);
    expect(kinds(output('scores', 1, 3), output('boxes', 1, 3, 4))).toEqual(['boxes', 'classes', 'maps', 'maps']);
  });
});

describe('boxes', () => {
  const preparation = { ...usualPreparation(pictureInput('picture', [1, 3, 64, 64]), 'float32') };

  it('are those of the library, behind the network’s own outputs', () => {
    const graph = networkOf({ shapes: { y: [1, 6, 84] }, last: { y: 'sigmoid' } });
    const detecting = withDetections(graph, preparation, new Map(), ['cat', 'dog'])!;
    expect(detecting.graph.outputs).toEqual(['y', 'detections']);
    expect(detecting.graph.inputs).toEqual(graph.inputs);
    expect(detecting.labels(['cat', 'dog'])).toEqual(['cat', 'dog']);
    // Where the names are not those of the network, it is read without them.
    expect(withDetections(graph, preparation, new Map(), ['cat'])?.graph.outputs).toEqual(['y', 'detections']);
  });

  it('of a network with a class for the background have a label more', () => {
    const graph = networkOf({ shapes: { b: [1, 50, 4], s: [1, 50, 3] }, last: { b: 'exp', s: 'softmax' } });
    const detecting = withDetections(graph, preparation, new Map(), ['cat', 'dog'])!;
    expect(detecting.labels(['cat', 'dog'])).toEqual(['background', 'cat', 'dog']);
  });

  it('are none where no head fits', () => {
    expect(withDetections(networkOf({ shapes: { y: [1, 10] } }), preparation, new Map(), [])).toBeUndefined();
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
