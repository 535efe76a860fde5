import { expect, test } from 'vitest';
import { firstCentres, kMeans } from '../../demo/classical/k-means';
import { kMeansOnGpu, otsuOnGpu } from '../../demo/classical/on-gpu';
import { brightnessHistogram, otsu, varianceBetween } from '../../demo/classical/otsu';
import { ArgumentError } from '../../src/errors';
import { testDevice } from '../support/gpu';
import { Random } from '../support/random';

async function connection(software?: boolean) {
  const { acquired, pipelines } = await testDevice();
  const { traits } = acquired;
  const profile = { ...traits.profile, slowBarriers: software ?? traits.profile.slowBarriers };
  return { ...acquired, pipelines, traits: { ...traits, profile } };
}

function picture(width: number, height: number, pixel: (i: number) => readonly number[]) {
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) data.set([...pixel(i), 255], i * 4);
  return { data, width, height };
}

function randomPicture(width: number, height: number) {
  const random = new Random(width * 1000 + height);
  return picture(width, height, () => [0, 1, 2].map(() => Math.floor(random.next() ** 2 * 256)));
}

test('Otsu’s threshold lies between two clearly different brightnesses', async () => {
  const half = picture(20, 10, (i) => (i % 3 === 0 ? [200, 210, 205] : [30, 20, 25]));
  for (const { threshold, labels } of [otsu(half), await otsuOnGpu(await connection(), half)]) {
    expect(threshold).toBeGreaterThanOrEqual(20);
    expect(threshold).toBeLessThan(200);
    expect([...labels]).toEqual(Array.from({ length: 200 }, (_, i) => Number(i % 3 === 0)));
  }
});

for (const [width, height] of [
  [1, 1],
  [17, 5],
  [61, 47],
  [140, 100],
]) {
  test(`the GPU parts a picture of ${width} × ${height} as well as the reference, and at the pixels it says`, async () => {
    const random = randomPicture(width, height);
    const { threshold, labels } = await otsuOnGpu(await connection(), random);
    const expected = otsu(random);
    const histogram = brightnessHistogram(random);
    // Two thresholds may be equally good but for rounding: sums of float32 carry seven digits.
    const best = varianceBetween(histogram, expected.threshold);
    expect(Math.abs(varianceBetween(histogram, threshold) - best)).toBeLessThanOrEqual(1e-4 * best);
    const above = histogram.slice(threshold + 1).reduce((sum, count) => sum + count, 0);
    expect(labels.reduce((sum, label) => sum + label, 0)).toBe(above);
  });

  test(`k-means on the GPU is the reference’s to the bit for ${width} × ${height}`, async () => {
    const random = randomPicture(width, height);
    for (const clusters of [1, 3, 8]) {
      const { centres, labels } = await kMeansOnGpu(await connection(), random, firstCentres(random, clusters), 5);
      const expected = kMeans(random, clusters, 5);
      expect(centres).toEqual(expected.centres);
      expect(labels).toEqual(expected.labels);
    }
  });
}

test('k-means finds the colours of a picture that has only three', async () => {
  const colours = [
    [250, 10, 10],
    [10, 240, 30],
    [20, 20, 230],
  ] as const;
  const flat = picture(30, 30, (i) => colours[i % 3]);
  const { centres, labels } = await kMeansOnGpu(await connection(), flat, firstCentres(flat, 3), 8);
  expect(new Set(centres.map(String))).toEqual(new Set(colours.map(String)));
  expect([...labels].map((label) => centres[label])).toEqual(Array.from({ length: 900 }, (_, i) => colours[i % 3]));
});

for (const software of [false, true]) {
  test(`counting ${software ? 'in memory at once' : 'in workgroups first'} gives the same`, async () => {
    const random = randomPicture(23, 29);
    const on = await connection(software);
    const { labels } = await kMeansOnGpu(on, random, firstCentres(random, 4), 3);
    expect(labels).toEqual(kMeans(random, 4, 3).labels);
    expect((await otsuOnGpu(on, random)).threshold).toBe(otsu(random).threshold);
  });
}

test('a picture without pixels and too many clusters are refused', async () => {
  const one = picture(1, 1, () => [0, 0, 0]);
  const centres = new Array(17).fill([0, 0, 0]);
  await expect(kMeansOnGpu(await connection(), one, centres, 1)).rejects.toThrow('1 to 16 clusters, got 17');
  await expect(otsuOnGpu(await connection(), { data: new Uint8Array(3), width: 1, height: 1 })).rejects.toThrow(
    ArgumentError,
  );
});
