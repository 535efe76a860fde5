import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readSafetensors } from '../../src/formats/safetensors';
import type { Graph } from '../../src/graph/graph';
import { buildVisionModel } from '../../src/models';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { expectClose } from '../support/expect-close';

/** fixtures/NAME.json holds what PyTorch answers to `pattern`; weights/training/fixtures.py writes it. */
const fixture = (name: string) => JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'));

const load = (name: string) => {
  const file = new URL(`../../weights/${name}.safetensors`, import.meta.url);
  return buildVisionModel(readSafetensors(readFileSync(file), `${name}.safetensors`), name);
};

test('a network that would divide by 0 is refused', () => {
  const file = readSafetensors(readFileSync('weights/classifier.safetensors'), 'c');
  const metadata = { ...file.metadata, std: '[0.2,0,0.2]' };
  expect(() => buildVisionModel({ ...file, metadata }, 'c')).toThrow(
    'c: metadata "std" must be three numbers that are not 0, got [0.2,0,0.2]',
  );
});

test('a network has as many blocks as its file, and all of each', () => {
  const file = readSafetensors(readFileSync('weights/classifier.safetensors'), 'c');
  const without = (start: string) => {
    const tensors = new Map([...file.tensors].filter(([name]) => !name.startsWith(start)));
    return buildVisionModel({ ...file, tensors }, 'c').graph;
  };
  const blocksOf = ({ nodes }: Graph): number => nodes.filter(({ name }) => name.endsWith('.depthwise.conv')).length;
  expect(blocksOf(without('nothing'))).toBe(15);
  expect(blocksOf(without('stage3.1.'))).toBe(14);
  expect(() => without('stage3.1.project.conv')).toThrow(
    'c: there is no tensor "stage3.1.project.conv.weight", which classifier needs',
  );
});

/** The picture of fixtures.py, normalised: soft blobs and stripes made of whole numbers. `[1, 3, size, size]` */
function pattern(size: number, mean: readonly number[], std: readonly number[]): Tensor {
  const data = new Float32Array(3 * size * size);
  let i = 0;
  for (let c = 0; c < 3; c++)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const far = (x - Math.floor(size / 2)) ** 2 + (y - Math.floor(size / 3)) ** 2;
        const blob = Math.floor((far * (c + 2)) / size);
        const value = (blob * 3 + Math.floor((x * (c + 1) + y * 2) / 3)) % 256;
        data[i++] = (value / 255 - mean[c]) / std[c];
      }
  return Tensor.float32([1, 3, size, size], data);
}

function run(graph: Graph, image: Tensor): Tensor {
  return runReference(graph, { image }).get(graph.outputs[0])!;
}

const row = (data: ArrayLike<number>) => ({ shape: [data.length], data });

// Both sides compute with the same float16 weights: what is left is float32 rounding in PyTorch, over at most 60
// layers whose sums have up to 2,600 terms, and the six digits of the fixtures.
const TOLERANCE = { absolute: 1e-4 };

describe('the reference gives what PyTorch gives', () => {
  test('probabilities of the classifier', () => {
    const { graph, spec, labels } = load('classifier');
    const expected = fixture('classifier');
    expect(spec.size).toEqual([expected.size, expected.size]);
    const { data, shape } = run(graph, pattern(expected.size, spec.mean, spec.std));
    expect(shape).toEqual([1, labels.length]);
    expectClose(row(data), row(expected.probabilities), TOLERANCE);
  });

  test('detections of the detector, class by class', () => {
    const { graph, spec } = load('detector');
    const expected = fixture('detector');
    const anchors = graph.constants.get('default_boxes')!;
    const stride = 191;
    const rows = (expected.defaultBoxes as number[][]).flatMap((_, k) => [
      ...anchors.data.slice(k * stride * 4, k * stride * 4 + 4),
    ]);
    expectClose(row(rows), row(expected.defaultBoxes.flat()), { absolute: 1e-6 });
    const { data } = run(graph, pattern(expected.size, spec.mean, spec.std));
    const found = Array.from({ length: data.length / 6 }, (_, k) => [...data.slice(k * 6, k * 6 + 6)])
      .filter((row) => row[4] > 0.03)
      .sort((a, b) => b[4] - a[4]);
    const wanted = (expected.detections as number[][]).filter((row) => row[4] > 0.03);
    expect(found.map((row) => row[5])).toEqual(wanted.map((row) => row[5]));
    expectClose(row(found.flat()), row(wanted.flat()), TOLERANCE);
  });

  test('class probabilities of the segmenter', () => {
    const { graph, spec, labels } = load('segmenter');
    const expected = fixture('segmenter');
    const { data, shape } = run(graph, pattern(expected.size, spec.mean, spec.std));
    const [, classes, height, width] = shape;
    expect(classes).toBe(labels.length);
    const pixels: number[] = [];
    for (let y = 8; y < height; y += 16)
      for (let x = 8; x < width; x += 16) {
        const logits = labels.map((_, c) => data[(c * height + y) * width + x]);
        const powers = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
        const sum = powers.reduce((a, b) => a + b);
        pixels.push(...powers.map((power) => power / sum));
      }
    expectClose(row(pixels), row(expected.probabilities.flat()), TOLERANCE);
  });
});
