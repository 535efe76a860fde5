import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBytes } from '../../src/cli/files';
import { findPictures } from '../../src/cli/pictures';
import { readNpy, writeNpy } from '../../src/formats/npy';
import { Tensor } from '../../src/tensor';
import { onnxFile } from '../formats/onnx-file';
import { failure, fovea } from './fovea';

const folder = mkdtempSync(join(tmpdir(), 'fovea-many-'));
const path = (name: string): string => join(folder, name);
const names = ['a.png', 'b.jpg', 'deep/a.png', 'deep/er/c.webp'];
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  mkdirSync(path('photos/deep/er'), { recursive: true });
  const picture = sharp({ create: { width: 20, height: 10, channels: 3, background: 'green' } });
  for (const name of names) await picture.clone().toFile(path(`photos/${name}`));
  writeFileSync(path('photos/notes.txt'), 'no picture');
});

describe('the pictures that arguments name', () => {
  it('are files, and all pictures of a folder and below by name', () => {
    const found = findPictures([path('photos/b.jpg'), path('photos'), '-']);
    expect(found.map(({ name }) => name)).toEqual(['b.jpg', ...names, 'stdin']);
    expect(found.slice(1, 5).map((file) => file.path)).toEqual(names.map((name) => path(`photos/${name}`)));
    mkdirSync(path('nothing'));
    expect(() => findPictures([path('nothing')])).toThrow(`there is no picture in the folder ${path('nothing')}`);
  });

  it('are shared out in shards, each to one of them', () => {
    const shards = ['1/3', '2/3', '3/3'].map((shard) => findPictures([path('photos')], shard));
    expect(shards.map((shard) => shard.map(({ name }) => name))).toEqual([
      ['a.png', 'deep/er/c.webp'],
      ['b.jpg'],
      ['deep/a.png'],
    ]);
    for (const shard of ['0/3', '4/3', '1', 'a/b']) {
      expect(() => findPictures([path('photos')], shard)).toThrow(
        `--shard must be as 2/8, the second of eight parts, got "${shard}"`,
      );
    }
  });
});

describe('fovea classify of a folder', () => {
  const classify = (...more: string[]) =>
    fovea('classify', path('photos'), '--out-dir', path('answers'), '--jsonl', '--backend', 'fast-cpu', ...more);
  const lines = (out: string) =>
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const answers = (): string[] =>
    readdirSync(path('answers'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.includes('.'))
      .sort();

  it('writes an answer and a drawing of each, tells of a broken one, and goes on where it was interrupted', async () => {
    writeFileSync(path('photos/deep/broken.png'), 'no picture');
    const first = await classify('--shard', '1/2');
    expect(first.code, first.err).toBe(0);
    expect(lines(first.out).map(({ picture }) => picture)).toEqual([
      path('photos/a.png'),
      path('photos/deep/a.png'),
      path('photos/deep/er/c.webp'),
    ]);
    expect(answers()).toEqual([
      'a.png.json',
      'a.png.png',
      'deep/a.png.json',
      'deep/a.png.png',
      'deep/er/c.webp.json',
      'deep/er/c.webp.png',
    ]);

    // Would another answer be taken if it were written there?
    const stored = JSON.parse(readFileSync(path('answers/a.png.json'), 'utf8'));
    writeFileSync(path('answers/a.png.json'), JSON.stringify({ ...stored, labels: 'from before' }));
    const all = await classify();
    expect(all.code).toBe(1);
    expect(all.err).toMatch(/^fovea: cannot read .*broken\.png: [^;\n]+\n$/);
    expect(lines(all.out)).toMatchObject([
      { picture: path('photos/a.png'), labels: 'from before' },
      { picture: path('photos/b.jpg'), width: 20, height: 10, labels: expect.any(Array) },
      { picture: path('photos/deep/a.png') },
      { picture: path('photos/deep/broken.png'), error: expect.stringContaining('unsupported') },
      { picture: path('photos/deep/er/c.webp') },
    ]);
    expect(answers()).toHaveLength(8);
  });

  it('answers anew for other settings and for a newer picture', async () => {
    rmSync(path('photos/deep/broken.png'), { force: true });
    const top = async (...more: string[]) => lines((await classify(...more)).out).map(({ labels }) => labels.length);
    expect(await top('--top', '2')).toEqual([2, 2, 2, 2]);
    const stored = JSON.parse(readFileSync(path('answers/b.jpg.json'), 'utf8'));
    writeFileSync(path('answers/b.jpg.json'), JSON.stringify({ ...stored, labels: [] }));
    expect(await top('--top', '2')).toEqual([2, 0, 2, 2]);
    const later = new Date(Date.now() + 60_000);
    utimesSync(path('photos/b.jpg'), later, later);
    expect(await top('--top', '2')).toEqual([2, 2, 2, 2]);
  });

  it('stops at a folder that cannot be written', async () => {
    writeFileSync(path('file'), '');
    const message = await failure('classify', path('photos'), '--out-dir', path('file'), '--top', '1');
    expect(message).toContain(`cannot write to ${path('file')}: there is a file where its folder should be`);
  });
});

describe('- in the place of a file', () => {
  const model = path('negate.onnx');
  const nodes = [{ op: 'Neg', inputs: ['x'], outputs: ['y'] }];
  writeFileSync(model, onnxFile({ inputs: [{ name: 'x', dims: [2] }], outputs: ['y'], nodes }));
  const cli = (input: string | undefined, ...argv: string[]) =>
    spawnSync('npm', ['run', '--silent', 'fovea', '--', ...argv], {
      input: input && readFileSync(input),
      maxBuffer: 2 ** 24,
    });

  it('is stdin for an array, a model and a picture, and stdout for an array and a drawing', () => {
    writeFileSync(path('x.npy'), writeNpy(Tensor.float32([2], [1, -2])));
    const array = cli(path('x.npy'), 'run', model, '--input', '-', '--output', '-', '--backend', 'cpu');
    expect(array.status, array.stderr.toString()).toBe(0);
    expect([...readNpy(new Uint8Array(array.stdout), 'y').data]).toEqual([-1, 2]);
    const piped = cli(model, 'run', '-', '--input', path('x.npy'), '--json', '--backend', 'cpu');
    expect(JSON.parse(piped.stdout.toString()).outputs).toMatchObject([{ name: 'y', least: -1, greatest: 2 }]);
    const drawn = cli(path('photos/a.png'), 'classify', '-', '--out', '-', '--backend', 'fast-cpu');
    expect(drawn.stderr.toString()).toContain('- (20 × 10)');
    expect([...drawn.stdout.subarray(1, 4)].map((code) => String.fromCharCode(code)).join('')).toBe('PNG');
  });

  it('is refused where it cannot be', async () => {
    const [one, two] = names.map((name) => path(`photos/${name}`));
    expect(await failure('segment', one, '--out', '-', '--mask', '-')).toContain('cannot both be -');
    expect(await failure('classify', one, two, '--out', '-')).toContain('--out - takes one picture, got 2');
    expect(() => readBytes('https://example.com/a.png')).toThrow('only models are downloaded');
  });
});
