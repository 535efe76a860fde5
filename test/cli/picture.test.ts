import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawDetections, drawLabels, drawMask } from '../../src/cli/draw';
import { writeBytes } from '../../src/cli/files';
import { encodeAnnotated, encodeGrey, readGrey, readPicture } from '../../src/cli/picture';
import { ArgumentError } from '../../src/errors';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-picture-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function file(name: string, picture: Sharp): Promise<string> {
  const path = join(folder, name);
  await picture.toFile(path);
  return path;
}

const plain = (width: number, height: number, background: string): Sharp =>
  sharp({ create: { width, height, channels: 3, background } });

/** Left half red, right half blue. */
const redBlue = (width: number, height: number): Sharp =>
  plain(width, height, 'red').composite([
    { input: { create: { width: width / 2, height, channels: 3, background: 'blue' } }, left: width / 2, top: 0 },
  ]);

const pixel = ({ data, width }: { data: ArrayLike<number>; width: number }, x: number, y: number): number[] =>
  [0, 1, 2, 3].map((channel) => data[(y * width + x) * 4 + channel]);

const INK = [
  '/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoK',
  'CgYICwwLCgwJCgoK/8AAFAgACAAIBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIB',
  'AwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZH',
  'SElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV',
  '1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwD9/K/JevzLr9IK/9k=',
].join('');

function pngChunk(type: string, data: readonly number[]): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), Buffer.from(data)]);
  const [length, sum] = [data.length, crc32(body)].map((value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  });
  return Buffer.concat([length, body, sum]);
}

describe('readPicture', () => {
  it('gives RGBA, whatever the file has', async () => {
    const png = await readPicture(await file('a.png', redBlue(4, 2)));
    expect([png.width, png.height, png.data.length]).toEqual([4, 2, 32]);
    expect(pixel(png, 0, 1)).toEqual([255, 0, 0, 255]);
    expect(pixel(png, 3, 1)).toEqual([0, 0, 255, 255]);
  });

  it('turns a picture as its EXIF data say', async () => {
    // Orientation 6: the stored left edge is the top of what was seen.
    const turned = await readPicture(await file('turned.png', redBlue(8, 2).withMetadata({ orientation: 6 })));
    expect([turned.width, turned.height]).toEqual([2, 8]);
    expect(pixel(turned, 0, 0)).toEqual([255, 0, 0, 255]);
    expect(pixel(turned, 1, 7)).toEqual([0, 0, 255, 255]);
  });

  it('lays a transparent picture over white', async () => {
    const half = sharp({
      create: { width: 2, height: 1, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0.5 } },
    });
    const [red, green, blue, alpha] = pixel(await readPicture(await file('half.png', half)), 0, 0);
    expect([red, alpha]).toEqual([255, 255]);
    expect(Math.abs(green - 127)).toBeLessThanOrEqual(1);
    expect(blue).toBe(green);
  });

  it('spreads grey over three channels, and cuts 16 bits to 8', async () => {
    const grey = await readPicture(await file('grey.jpg', plain(3, 3, 'rgb(90,90,90)').greyscale()));
    expect(pixel(grey, 1, 1)).toEqual([90, 90, 90, 255]);
    const deep = await readPicture(await file('deep.png', plain(3, 3, 'rgb(90,91,92)').toColourspace('rgb16')));
    expect(pixel(deep, 1, 1)).toEqual([90, 91, 92, 255]);
  });

  it('reads CMYK, a palette and a single pixel', async () => {
    const cmyk = await readPicture(await file('cmyk.jpg', plain(8, 8, 'red').toColourspace('cmyk')));
    const [red, green] = pixel(cmyk, 4, 4);
    expect(red - green).toBeGreaterThan(150);
    expect(pixel(await readPicture(await file('palette.png', redBlue(4, 4).png({ palette: true }))), 0, 0)).toEqual([
      255, 0, 0, 255,
    ]);
    expect((await readPicture(await file('one.png', plain(1, 1, 'blue')))).data).toHaveLength(4);
  });

  it('shows ink without a profile as browsers do', async () => {
    // 8 × 8 pixels of the ink 0, 217, 204, 55, written by Pillow.
    writeFileSync(join(folder, 'ink.jpg'), Buffer.from(INK, 'base64'));
    expect(pixel(await readPicture(join(folder, 'ink.jpg')), 4, 4)).toEqual([200, 30, 40, 255]);
  });

  it('takes the exponent of a PNG into account, if nothing says more', async () => {
    const gamma = pngChunk('gAMA', [0, 1, 0x86, 0xa0]);
    const png = await plain(2, 2, 'rgb(200,30,40)').ensureAlpha(0.5).png().toBuffer();
    const [header, rest] = [png.subarray(0, 33), png.subarray(33)];
    writeFileSync(join(folder, 'linear.png'), Buffer.concat([header, gamma, rest]));
    // Over white: half of 229, 96, 110 and of 255.
    expect(pixel(await readPicture(join(folder, 'linear.png')), 1, 1)).toEqual([242, 176, 183, 255]);
    writeFileSync(join(folder, 'srgb.png'), Buffer.concat([header, gamma, pngChunk('sRGB', [0]), rest]));
    expect(pixel(await readPicture(join(folder, 'srgb.png')), 1, 1)).toEqual([227, 142, 147, 255]);
  });

  describe('of a PNG with colours of its own', () => {
    const hundredThousandths = (...values: readonly number[]): number[] =>
      values.flatMap((value) => [24, 16, 8, 0].map((shift) => (Math.round(value * 100_000) >> shift) & 255));
    const gamma = (exponent: number): Buffer => pngChunk('gAMA', hundredThousandths(exponent));
    const primaries = (...xy: readonly number[]): Buffer => pngChunk('cHRM', hundredThousandths(...xy));
    const codes = (...numbers: readonly number[]): Buffer => pngChunk('cICP', numbers);
    const P3 = primaries(0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06);
    const ADOBE = primaries(0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06);
    const PRO_PHOTO = primaries(0.3457, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001);
    const SRGB = pngChunk('sRGB', [0]);
    const stored = [200, 30, 40];

    const read = async (chunks: readonly Buffer[]): Promise<number[]> => {
      const png = await plain(2, 2, 'rgb(200,30,40)').png().toBuffer();
      writeFileSync(join(folder, 'own.png'), Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)]));
      return pixel(await readPicture(join(folder, 'own.png')), 1, 1).slice(0, 3);
    };

    // Answers of Chromium 156 and, but for a difference of one, of Firefox.
    it.each<[string, readonly Buffer[], readonly number[]]>([
      ['primaries alone', [P3], stored],
      ['a usual exponent alone', [gamma(0.45455)], stored],
      ['an exponent near the usual one', [gamma(0.47)], stored],
      ['an exponent that is lower', [gamma(0.43)], [199, 20, 31]],
      ['an exponent that is higher', [gamma(0.5)], [206, 31, 43]],
      ['an exponent of zero', [gamma(0)], stored],
      ['a usual exponent with primaries', [gamma(0.45455), P3], [220, 0, 19]],
      ['light with primaries', [gamma(1), P3], [247, 84, 107]],
      ['Adobe RGB', [gamma(1 / 2.19921875), ADOBE], [233, 24, 36]],
      ['another white', [gamma(1 / 1.8), PRO_PHOTO], [255, 0, 51]],
      ['primaries that are none', [gamma(1), primaries(0, 0, 0, 0, 0, 0, 0, 0)], stored],
      ['primaries in a line', [gamma(1), primaries(0.3127, 0.329, 0.64, 0.33, 0.64, 0.33, 0.15, 0.06)], stored],
      ['sRGB and what it overrules', [SRGB, gamma(1), P3], stored],
      ['Display P3 by its codes', [codes(12, 13, 0, 1), gamma(1)], [218, 0, 27]],
      ['BT.2020 by its codes', [codes(9, 13, 0, 1)], [249, 0, 29]],
      ['light by its codes', [codes(12, 8, 0, 1)], [247, 84, 107]],
      ['an exponent by its codes', [codes(1, 4, 0, 1)], [201, 24, 35]],
      ['codes of video', [codes(12, 13, 0, 0)], stored],
    ])('%s', async (_, chunks, expected) => {
      expect(await read(chunks)).toEqual(expected);
    });

    it('takes codes before a profile, and a profile before all else', async () => {
      const png = await plain(2, 2, 'red').withIccProfile('p3').png().toBuffer();
      const start = png.indexOf('iCCP') - 4;
      const profile = png.subarray(start, start + 12 + png.readUInt32BE(start));
      expect(await read([profile, gamma(1), ADOBE])).toEqual([218, 0, 28]);
      expect(await read([SRGB, profile])).toEqual([218, 0, 28]);
      expect(await read([codes(1, 13, 0, 1), profile])).toEqual(stored);
    });
  });

  it('reads a picture of 48 megapixels', async () => {
    const huge = await readPicture(await file('huge.jpg', plain(8000, 6000, 'rgb(200,100,50)')));
    expect([huge.width, huge.height]).toEqual([8000, 6000]);
    expect(Math.abs(pixel(huge, 7999, 5999)[0] - 200)).toBeLessThanOrEqual(2);
  });

  it('names a file that is missing, no picture, or broken off', async () => {
    writeFileSync(join(folder, 'text.jpg'), 'This is no picture.');
    const whole = await plain(400, 400, 'red').jpeg().toBuffer();
    writeFileSync(join(folder, 'broken.jpg'), whole.subarray(0, whole.length / 2));
    writeFileSync(join(folder, 'empty.png'), '');
    for (const [name, reason] of [
      ['none.jpg', /there is no such file/],
      ['text.jpg', /unsupported image format/],
      ['broken.jpg', /premature end|truncated|JPEG/i],
      ['empty.png', /empty|unsupported/i],
    ] as const) {
      const error = await readPicture(join(folder, name)).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(ArgumentError);
      expect((error as Error).message).toContain(join(folder, name));
      expect((error as Error).message).toMatch(reason);
      expect((error as Error).message).not.toContain('\n');
    }
  });
});

describe('readGrey', () => {
  it('gives the numbers of a mask as they are in the file', async () => {
    const values = Buffer.from([0, 1, 2, 254, 255, 17]);
    const mask = sharp(values, { raw: { width: 3, height: 2, channels: 1 } }).toColourspace('b-w');
    const read = await readGrey(await file('mask.png', mask));
    expect([...read.data]).toEqual([...values]);
  });

  it('gives back what was written', async () => {
    const path = join(folder, 'masks/classes.png');
    const mask = { data: Uint8Array.from([0, 1, 20, 255, 3, 4]), width: 2, height: 3 };
    writeBytes(path, await encodeGrey(mask));
    const read = await readGrey(path);
    expect({ ...read, data: [...read.data] }).toEqual({ ...mask, data: [...mask.data] });
  });
});

describe('encodeAnnotated', () => {
  const white = { width: 100, height: 60, data: new Uint8Array(100 * 60 * 4).fill(255) };

  it('draws frames, tags and masks where they belong', async () => {
    const box = { xmin: 20, ymin: 30, xmax: 80, ymax: 50 };
    const detections = [{ label: 'a < b & "c"', score: 0.5, index: 3, box }];
    const path = join(folder, 'new/boxes.png');
    writeBytes(path, await encodeAnnotated(white, drawDetections(detections, white)));
    const framed = await readPicture(path);
    expect(pixel(framed, 50, 50)).not.toEqual([255, 255, 255, 255]);
    expect(pixel(framed, 50, 40)).toEqual([255, 255, 255, 255]);

    writeBytes(path, await encodeAnnotated(white, drawLabels([{ label: 'cat', score: 0.9, index: 0 }], white)));
    expect(pixel(await readPicture(path), 1, 1)).toEqual([0, 0, 0, 255]);
    expect(pixel(await readPicture(path), 50, 40)).toEqual([255, 255, 255, 255]);

    const classes = new Uint8Array(100 * 60);
    classes[10 * 100 + 20] = 7;
    writeBytes(path, await encodeAnnotated(white, drawMask(classes)));
    expect(pixel(await readPicture(path), 20, 10)).not.toEqual([255, 255, 255, 255]);
    expect(pixel(await readPicture(path), 21, 10)).toEqual([255, 255, 255, 255]);
  });
});
