import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder';
import { runReference } from '../../src/reference';
import type { Tensor } from '../../src/tensor';
import type { Preprocessing } from '../support/picture-tensor';
import { shared } from '../support/shared';

/** A network by other people, as the README beside it says: how its picture is prepared and what it should answer. */
export interface Network {
  readonly file: string;
  readonly pictures: readonly string[];
  readonly preparation: Preprocessing;
  /** Bounds of uniform noise for its input; none where a second run would take long. */
  readonly noise?: readonly [low: number, high: number];
  /** Whether the CPU references take a few seconds at most. */
  readonly small?: true;
  /** What the outputs for a picture must say, besides agreeing with ONNX Runtime's. */
  check?(outputs: ReadonlyMap<string, Tensor>, expected: ReadonlyMap<string, Tensor>, picture: string): void;
}

export const modelPath = (file: string): string => shared(`onnx/models/${file}`)!;

const normalised = (mean: Preprocessing['mean'], deviation: Preprocessing['mean']): Preprocessing => ({
  mean,
  scale: [1 / deviation[0], 1 / deviation[1], 1 / deviation[2]],
});
const BYTES = normalised([0, 0, 0], [1, 1, 1]);
const UNIT = normalised([0, 0, 0], [255, 255, 255]);
const SYMMETRIC = normalised([127.5, 127.5, 127.5], [127.5, 127.5, 127.5]);
const ULTRAFACE = normalised([127, 127, 127], [128, 128, 128]);
const IMAGENET = normalised([123.675, 116.28, 103.53], [58.395, 57.12, 57.375]);
const SINET = normalised([102.890434, 111.25247, 126.91212], [62.93292 * 255, 62.82138 * 255, 66.355705 * 255]);

const PERSON = 'selfie-segmentation/sample-Test.jpg';
const FACES = 'ultraface/sample-2.jpg';
const PELICAN = 'squeezenet1.1/pelican.jpeg';
const DIGITS = [0, 3, 5, 7].map((digit) => `mnist/digit-${digit}.jpg`);

const largest = ({ data }: Tensor): number => data.indexOf(Math.max(...data));

const isPelican: Network['check'] = (outputs) => {
  const labels = readFileSync(modelPath('squeezenet1.1/imagenet_classes.txt'), 'utf8').trim().split('\n');
  for (const scores of outputs.values()) expect(labels[largest(scores)]).toMatch(/pelican/);
};

const isDigit: Network['check'] = (outputs, _, picture) => {
  for (const scores of outputs.values()) expect(picture).toContain(`digit-${largest(scores)}`);
};

/** The boxes overlap less than 0.3 and score above 0.7, as the network's makers count. */
const hasFourFaces: Network['check'] = (outputs) => {
  const b = new GraphBuilder('suppression');
  const inputs = [b.input('boxes', [1, 4420, 4]), b.input('scores', [1, 4420, 2])];
  const [, , count] = b.add('non-maximum-suppression', inputs, {
    scoreLayout: 'box-first',
    boxFormat: 'corners',
    iouThreshold: 0.3,
    scoreThreshold: 0.7,
    maxPerClass: 100,
    firstClass: 1,
  });
  const kept = runReference(b.build([count]), { boxes: outputs.get('boxes')!, scores: outputs.get('scores')! });
  expect(Array.from(kept.get(count)!.data)).toEqual([4]);
};

/** At most one pixel in two hundred differs, and the mask is neither empty nor full. */
const hasSameMask: Network['check'] = (outputs, expected) => {
  for (const [name, { data }] of expected) {
    const actual = outputs.get(name)!.data;
    const differing = data.filter((e, i) => e > 0.5 !== actual[i] > 0.5).length;
    expect(differing / data.length).toBeLessThan(0.005);
    expect(data.some((e) => e > 0.5)).toBe(true);
    expect(data.some((e) => e < 0.5)).toBe(true);
  }
};

const grey = { ...BYTES, grey: true };

export const NETWORKS: readonly Network[] = [
  { file: 'mnist/mnist-8.onnx', pictures: DIGITS, preparation: grey, noise: [0, 255], small: true, check: isDigit },
  { file: 'mnist/mnist-wonnx.onnx', pictures: DIGITS, preparation: grey, noise: [0, 255], small: true, check: isDigit },
  {
    file: 'mobilenet-v1-0.25/mobilenet_v1_0.25_224.onnx',
    pictures: [PELICAN],
    preparation: SYMMETRIC,
    noise: [-1, 1],
    small: true,
    check: isPelican,
  },
  {
    file: 'squeezenet1.1/squeezenet1.1.onnx',
    pictures: [PELICAN],
    preparation: IMAGENET,
    noise: [-2, 2],
    check: isPelican,
  },
  {
    file: 'blazeface-front/blazeface-front-128.onnx',
    pictures: [FACES],
    preparation: { ...SYMMETRIC, channelsLast: true },
    noise: [-1, 1],
  },
  {
    file: 'ultraface/ultraface-rfb320.onnx',
    pictures: [FACES],
    preparation: ULTRAFACE,
    noise: [-1, 1],
    small: true,
    check: hasFourFaces,
  },
  {
    file: 'ultraface/ultraface-rfb320-simplified.onnx',
    pictures: [FACES],
    preparation: ULTRAFACE,
    noise: [-1, 1],
  },
  {
    file: 'yunet/yunet-n-320.onnx',
    pictures: [FACES],
    preparation: { ...BYTES, bgr: true },
    noise: [0, 255],
    small: true,
  },
  {
    file: 'yolox-nano/yolox-nano.onnx',
    pictures: ['yolox-nano/coco-785.jpg'],
    preparation: { ...BYTES, bgr: true },
    noise: [0, 255],
  },
  {
    file: 'selfie-segmentation/selfie-seg-landscape.onnx',
    pictures: [PERSON],
    preparation: { ...UNIT, channelsLast: true },
    noise: [0, 1],
    small: true,
    check: hasSameMask,
  },
  {
    file: 'sinet-portrait/sinet-portrait-softmax.onnx',
    pictures: [PERSON],
    preparation: { ...SINET, bgr: true },
    noise: [-0.01, 0.01],
    check: hasSameMask,
  },
  {
    file: 'sed-unet/sed-unet.onnx',
    pictures: ['sed-unet/input_file01_00050.png'],
    preparation: { ...UNIT, grey: true },
  },
  {
    file: 'superres-espcn/superres-espcn.onnx',
    pictures: [PERSON],
    preparation: { ...UNIT, grey: true },
  },
];
