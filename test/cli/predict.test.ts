import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { fovea } from './fovea';

it('answers about the other pictures when one is broken, names that one, and fails', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-predict-'));
  try {
    const [green, broken, missing, empty] = ['green.png', 'broken.png', 'missing.png', 'empty.png'].map((name) =>
      join(folder, name),
    );
    await sharp({ create: { width: 20, height: 10, channels: 3, background: 'green' } }).toFile(green);
    writeFileSync(broken, 'no picture');
    writeFileSync(empty, '');
    const elsewhere = 'https://example.com/a.png';
    const { code, out, err } = await fovea(
      'classify',
      broken,
      missing,
      empty,
      elsewhere,
      green,
      '--top',
      '2',
      '--json',
    );
    expect(code).toBe(1);
    expect(err).toMatch(
      /^fovea: cannot read .*broken\.png: [^;]+; cannot read .*missing\.png: there is no such file; cannot read .*empty\.png: the file is empty; cannot read https:[^;]*: only models are downloaded, save the file first\n$/,
    );
    const { pictures } = JSON.parse(out);
    expect(pictures[0]).toEqual({ picture: broken, error: expect.stringContaining('unsupported image format') });
    expect(pictures[1].error).toContain('no such file');
    expect(pictures[4]).toMatchObject({ picture: green, width: 20, height: 10 });
    expect(pictures[4].labels).toHaveLength(2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
