import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { Classification } from '../../src/tasks/image-classifier';
import { failure, fovea } from './fovea';

/** A red disc on blue, off the centre, so that no rotation maps it to itself. */
const disc = (width: number, height: number) =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="blue"/><circle cx="30%" cy="20%" r="15%" fill="red"/></svg>`,
    ),
  );

it('classifies grey, tiny, huge, transparent and EXIF-rotated pictures on the GPU, and names one that is broken', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-odd-'));
  try {
    const path = (name: string): string => join(folder, name);
    const upright = await disc(60, 40).png().toBuffer();
    await sharp(upright).toFile(path('upright.png'));
    // Stored turned left by a quarter; orientation 6 says to turn it right to see it.
    await sharp(upright).rotate(270).withMetadata({ orientation: 6 }).toFile(path('exif.png'));
    await sharp(upright).rotate(270).toFile(path('turned.png'));
    await disc(40, 40).greyscale().jpeg().toFile(path('grey.jpg'));
    await disc(8, 8).png().toFile(path('tiny.png'));
    await sharp({ create: { width: 8000, height: 6000, channels: 3, background: 'green' } }).toFile(path('huge.jpg'));
    const clear = { r: 0, g: 0, b: 0, alpha: 0 };
    await sharp({ create: { width: 30, height: 30, channels: 4, background: clear } }).toFile(path('clear.png'));
    await sharp({ create: { width: 30, height: 30, channels: 3, background: 'white' } }).toFile(path('white.png'));

    const names = [
      'upright.png',
      'exif.png',
      'turned.png',
      'grey.jpg',
      'tiny.png',
      'huge.jpg',
      'clear.png',
      'white.png',
    ];
    const { code, out, err } = await fovea('classify', ...names.map(path), '--top', '103', '--json');
    expect(code, err).toBe(0);
    const answers: { picture: string; labels: Classification[] }[] = JSON.parse(out).pictures;
    const scores = answers.map(({ labels }) => new Map(labels.map(({ label, score }) => [label, score])));
    for (const [i, one] of scores.entries()) {
      const sum = [...one.values()].reduce((a, b) => a + b, 0);
      expect(sum, names[i]).toBeCloseTo(1, 3);
    }
    const [asIs, exif, turned, , , , clearScores, whiteScores] = scores;
    expect(exif).toEqual(asIs);
    expect(turned).not.toEqual(asIs);
    expect(clearScores).toEqual(whiteScores);

    writeFileSync(path('broken.jpg'), 'no picture');
    expect(await failure('classify', path('broken.jpg'))).toMatch(
      /cannot read .*broken\.jpg: .*unsupported image format/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
