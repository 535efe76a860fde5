import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGrey } from '../../src/cli/picture';
import type { Classification } from '../../src/tasks/image-classifier';
import type { Box, Detection } from '../../src/tasks/object-detector';
import { failure, fovea } from './fovea';

/** Width and height as shown. */
const SIZES = {
  'upright.png': [60, 40],
  'exif.png': [60, 40],
  'turned.png': [40, 60],
  'grey.jpg': [40, 40],
  'tiny.png': [8, 8],
  'huge.jpg': [8000, 6000],
  'clear.png': [30, 30],
  'white.png': [30, 30],
} as const;
type Name = keyof typeof SIZES;
const names = Object.keys(SIZES) as Name[];

let folder: string;
const path = (name: string): string => join(folder, name);

/** An aeroplane, which every network knows, and which no rotation maps to itself. */
const aeroplane = (width: number, height: number) =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 60 40" preserveAspectRatio="none">
        <rect width="60" height="40" fill="#8fc7f0"/>
        <path fill="#e8e8ee" d="M6 18 Q10 14 16 15 L40 15 L46 8 L49 8 L46 16 Q48 19 44 20 L14 21 Q8 21 6 18Z M22 17 L34 30 L38 30 L31 17Z"/>
      </svg>`,
    ),
  );

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-odd-'));
  const upright = await aeroplane(60, 40).png().toBuffer();
  await sharp(upright).toFile(path('upright.png'));
  // Stored turned left by a quarter; orientation 6 says to turn it right to see it.
  await sharp(upright).rotate(270).withMetadata({ orientation: 6 }).toFile(path('exif.png'));
  await sharp(upright).rotate(270).toFile(path('turned.png'));
  await aeroplane(40, 40).greyscale().jpeg().toFile(path('grey.jpg'));
  await aeroplane(8, 8).png().toFile(path('tiny.png'));
  await sharp({ create: { width: 8000, height: 6000, channels: 3, background: 'green' } }).toFile(path('huge.jpg'));
  const clear = { r: 0, g: 0, b: 0, alpha: 0 };
  await sharp({ create: { width: 30, height: 30, channels: 4, background: clear } }).toFile(path('clear.png'));
  await sharp({ create: { width: 30, height: 30, channels: 3, background: 'white' } }).toFile(path('white.png'));
  writeFileSync(path('broken.jpg'), 'no picture');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a command answers about every odd picture, by the picture's name. */
async function answers<T>(command: string, ...options: string[]): Promise<Record<Name, T>> {
  const { code, out, err } = await fovea(command, ...names.map(path), ...options, '--json');
  expect(code, err).toBe(0);
  const { pictures } = JSON.parse(out) as { pictures: (T & { width: number; height: number })[] };
  expect(pictures.map(({ width, height }) => [width, height])).toEqual(Object.values(SIZES));
  return Object.fromEntries(names.map((name, i) => [name, pictures[i]])) as Record<Name, T>;
}

describe('on the GPU, pictures that are grey, tiny, huge, transparent or turned by EXIF', () => {
  it('are classified', async () => {
    const all = await answers<{ labels: Classification[] }>('classify', '--top', '103');
    const scores = (name: Name) => new Map(all[name].labels.map(({ label, score }) => [label, score]));
    for (const name of names) {
      const sum = [...scores(name).values()].reduce((a, b) => a + b, 0);
      // What is missing to 1 is the score of "none of these".
      expect(sum, name).toBeGreaterThan(0);
      expect(sum, name).toBeLessThan(1.001);
    }
    expect(scores('exif.png')).toEqual(scores('upright.png'));
    expect(scores('turned.png')).not.toEqual(scores('upright.png'));
    expect(scores('clear.png')).toEqual(scores('white.png'));
  });

  it('are searched for things', async () => {
    const all = await answers<{ detections: Detection[] }>('detect', '--threshold', '0.02');
    const found = (name: Name) => all[name].detections;
    expect(found('upright.png').length).toBeGreaterThan(0);
    for (const name of names) {
      const [width, height] = SIZES[name];
      const isInside = ({ xmin, ymin, xmax, ymax }: Box): boolean =>
        xmin >= 0 && ymin >= 0 && xmin <= xmax && ymin <= ymax && xmax <= width && ymax <= height;
      for (const { box, score } of found(name)) expect(isInside(box) && score > 0 && score <= 1, name).toBe(true);
    }
    expect(found('exif.png')).toEqual(found('upright.png'));
    expect(found('turned.png')).not.toEqual(found('upright.png'));
    expect(found('clear.png')).toEqual(found('white.png'));
  });

  it('are segmented', async () => {
    const all = await answers<{ areas: { index: number; pixels: number }[]; mask: string }>(
      'segment',
      '--mask',
      path('masks'),
    );
    for (const name of names) {
      const [width, height] = SIZES[name];
      const mask = await readGrey(all[name].mask);
      expect([mask.width, mask.height], name).toEqual([width, height]);
      const counts = new Uint32Array(256);
      for (const index of mask.data) counts[index]++;
      for (const { index, pixels } of all[name].areas) expect(counts[index], name).toBe(pixels);
      expect(all[name].areas.reduce((sum, { pixels }) => sum + pixels, 0)).toBe(width * height);
    }
    const [upright, exif] = [await readGrey(all['upright.png'].mask), await readGrey(all['exif.png'].mask)];
    expect(exif.data).toEqual(upright.data);
    expect(all['clear.png'].areas).toEqual(all['white.png'].areas);
  });
});

it.each(['classify', 'detect', 'segment'])('%s names a file that is broken', async (command) => {
  expect(await failure(command, path('broken.jpg'))).toMatch(/cannot read .*broken\.jpg: .*unsupported image format/);
});
