import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HeadOptions } from '../../src/heads/head';
import type { Pair } from '../../src/operators/window';
import { placePicture } from '../../src/picture';
import { InstanceSegmenter } from '../../src/tasks/instance-segmenter';
import { mapToPicture } from '../../src/tasks/map-to-picture';
import { type Shape, Tensor } from '../../src/tensor';
import { byReference, names, withHead } from './facts';

/** What `make-goldens/make.py` wrote of heads that give no boxes. */
interface Golden {
  readonly outputs: Readonly<Record<string, { readonly shape: Shape; readonly data: readonly number[] }>>;
  readonly labels: number;
  /** `[height, width]` of the network's input. */
  readonly size?: Pair;
  /** Of the picture. */
  readonly height?: number;
  readonly width?: number;
  readonly values?: readonly number[];
  readonly classes?: readonly number[];
  /** x and y of each point in 0..1. */
  readonly points?: readonly Pair[];
  readonly scores?: readonly number[];
  /** Of each thing the lengths of runs of equal pixels, row by row, of zeros first. */
  readonly masks?: readonly (readonly number[])[];
}

const VARIANTS = ['', '-2', '-3'];

/** What a head makes of a golden's outputs. */
function decoded(name: string, task: string, file: string, options: HeadOptions = {}) {
  const golden: Golden = JSON.parse(readFileSync(`test/heads/goldens/${file}.json`, 'utf8'));
  const { size = [64, 64], labels, outputs } = golden;
  const shapes = Object.fromEntries(Object.entries(outputs).map(([output, { shape }]) => [output, shape]));
  const facts = { options, ...(labels > 0 && { labels: names(labels) }) };
  const found = withHead(task, { shapes }, facts, size);
  expect(found.name).toBe(name);
  const given = Object.entries(outputs).map(([output, { shape, data }]) => [output, Tensor.float32(shape, data)]);
  return { golden, size, results: byReference(found.graph, Object.fromEntries(given)) };
}

/** Six digits in the file, and as many in float32. */
function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance = 2e-5): void {
  expect(actual.length).toBe(expected.length);
  for (const [k, value] of expected.entries())
    expect(Math.abs(actual[k] - value), `value ${k}`).toBeLessThan(tolerance * (1 + Math.abs(value)));
}

describe.each(VARIANTS.map((suffix) => `depth${suffix}`))('%s', (file) => {
  it('has the values that PyTorch interpolates', () => {
    const { golden, size, results } = decoded('depth', 'depth', file);
    expectClose(atPictureSize(results.get('depth')!, golden, size), golden.values!);
  });
});

describe.each(VARIANTS.map((suffix) => `matte${suffix}`))('%s', (file) => {
  it('has the probabilities that PyTorch interpolates', () => {
    const { golden, size, results } = decoded('matte', 'cut-out', file);
    expectClose(atPictureSize(results.get('matte')!, golden, size), golden.values!);
  });
});

function atPictureSize({ data, shape }: Tensor, { width = 1, height = 1 }: Golden, size: Pair): Float32Array {
  const spec = { size, fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] } as const;
  return mapToPicture({ data, height: shape[2], width: shape[3] }, placePicture(width, height, spec));
}

describe.each(VARIANTS.map((suffix) => `picture${suffix}`))('%s', (file) => {
  it('is the picture that the network made', () => {
    const { golden, results } = decoded('picture', 'transform', file);
    expectClose(results.get('transformed')!.data, golden.values!);
  });
});

describe.each(VARIANTS.map((suffix) => `embedding${suffix}`))('%s', (file) => {
  it('is of length 1, as PyTorch normalises it', () => {
    const { golden, results } = decoded('embedding', 'embed', file);
    expectClose(results.get('embedding')!.data, golden.values!);
  });
});

describe.each(VARIANTS.map((suffix) => `classes${suffix}`))('%s', (file) => {
  it('has the probabilities that PyTorch gives the logits', () => {
    const { golden, results } = decoded('classes', 'classify', file);
    expectClose(results.get('probabilities')!.data, golden.values!);
  });
});

describe.each(VARIANTS.map((suffix) => `yolov8-masks${suffix}`))('%s', (file) => {
  it('gives each thing the pixels that Ultralytics’ post-processing gives it', () => {
    const { golden, size, results } = decoded('yolov8-masks', 'instances', file, { activation: 'none' });
    const { width = 1, height = 1, masks = [] } = golden;
    const placement = placePicture(width, height, { size, fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] });
    const found = InstanceSegmenter.task.result({ outputs: results, placement }, names(golden.labels));
    const things = (found as ReturnType<typeof InstanceSegmenter.task.result>).slice(0, masks.length);
    expect(masks.length).toBeGreaterThan(10);
    expect(things.map((thing) => runsOf(thing.mask()))).toEqual(masks);
  });
});

/** The lengths of runs of equal pixels, of zeros first. */
function runsOf(pixels: Uint8Array): number[] {
  const runs: number[] = [];
  let [value, start] = [0, 0];
  for (let i = 0; i <= pixels.length; i++) {
    if (pixels[i] === value) continue;
    runs.push(i - start);
    [value, start] = [pixels[i], i];
  }
  return runs;
}

describe.each(VARIANTS.map((suffix) => `mask-queries${suffix}`))('%s', (file) => {
  it('gives every pixel the class that transformers gives it', () => {
    const { golden, results } = decoded('mask-queries', 'segment', file);
    const { data, shape } = results.get('logits')!;
    const pixels = shape[2] * shape[3];
    // Index 0 is for nothing, and never the best.
    const classes = Array.from({ length: pixels }, (_, i) => {
      const scores = Array.from({ length: shape[1] }, (_, c) => data[c * pixels + i]);
      return scores.indexOf(Math.max(...scores)) - 1;
    });
    expect(classes).toEqual(golden.classes);
  });
});

describe.each([
  // A step of Newton's method divides by second differences of logarithms: float32 leaves it four digits.
  ...VARIANTS.map((suffix) => ({ head: 'heat-maps', file: `heat-maps${suffix}`, tolerance: 2e-4 })),
  ...VARIANTS.map((suffix) => ({ head: 'simcc', file: `simcc${suffix}`, tolerance: 2e-5 })),
])('$file', ({ head, file, tolerance }) => {
  it('has the points that its makers’ post-processing finds', () => {
    const { golden, results } = decoded(head, 'pose', file);
    const { data } = results.get('keypoints')!;
    const points = Array.from({ length: data.length / 3 }, (_, k) => [data[3 * k], data[3 * k + 1]]);
    expectClose(points.flat(), golden.points!.flat(), tolerance);
    expectClose(
      points.map((_, k) => data[3 * k + 2]),
      golden.scores!,
    );
  });
});
