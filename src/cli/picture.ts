import type { Sharp } from 'sharp';
import { ArgumentError } from '../errors';
import type { RawPicture } from '../picture';
import { type ColourSpace, fromInk, pngColours, toSrgb, withoutProfile } from './colours';
import { readBytes } from './files';

/** One byte for each pixel, row by row from the top. */
export interface GreyPicture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** @throws ArgumentError when the optional package is not installed */
async function loadSharp() {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new ArgumentError('reading pictures needs the package sharp: npm install sharp', { cause });
  }
}

/**
 * Reads a picture of any format that sharp knows (JPEG, PNG, WebP, GIF, AVIF, TIFF, SVG): turned as its EXIF data
 * say, in sRGB, over white where it is transparent; of several frames the first.
 *
 * @throws ArgumentError naming the file when it is missing or broken
 */
export function readPicture(path: string): Promise<RawPicture> {
  return decode(path, async (picture, colours) => {
    const { space, icc } = await picture.metadata();
    if (space === 'cmyk' && !icc) {
      const ink = await pixelsOf(picture.autoOrient().pipelineColourspace('cmyk').toColourspace('cmyk'));
      return { ...ink, data: fromInk(ink.data) };
    }
    const turned = picture.autoOrient().toColourspace('srgb');
    if (!colours) return pixelsOf(turned.flatten({ background: 'white' }).ensureAlpha());
    const stored = await pixelsOf(turned.ensureAlpha());
    return { ...stored, data: toSrgb(stored.data, colours) };
  });
}

/** Reads a picture of numbers, one byte each, such as a mask. @throws ArgumentError naming the file */
export function readGrey(path: string): Promise<GreyPicture> {
  return decode(path, (picture) => pixelsOf(picture.extractChannel(0)));
}

async function pixelsOf(picture: Sharp): Promise<GreyPicture> {
  const { data, info } = await picture.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

async function decode(
  path: string,
  read: (picture: Sharp, colours: ColourSpace | undefined) => Promise<GreyPicture>,
): Promise<GreyPicture> {
  const bytes = readBytes(path);
  if (bytes.length === 0) throw new ArgumentError(`cannot read ${path}: the file is empty`);
  const sharp = await loadSharp();
  try {
    const colours = pngColours(bytes);
    return await read(sharp(colours ? withoutProfile(bytes) : bytes, { failOn: 'error' }), colours);
  } catch (cause) {
    throw new ArgumentError(`cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
}

/** A PNG with an overlay, which is an SVG document or RGBA pixels of the picture's size. */
export async function encodeAnnotated(picture: RawPicture, overlay: string | Uint8Array): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const raw = { width: picture.width, height: picture.height, channels: 4 } as const;
  const input = typeof overlay === 'string' ? { input: Buffer.from(overlay) } : { input: Buffer.from(overlay), raw };
  return sharp(picture.data, { raw }).composite([input]).png().toBuffer();
}

/** A picture as a PNG, with its transparency. */
export async function encodePicture({ data, width, height }: RawPicture): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp(data, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
}

/** A picture of numbers, one byte each, as a grey PNG that {@link readGrey} gives back unchanged. */
export async function encodeGrey({ data, width, height }: GreyPicture): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const grey = sharp(data, { raw: { width, height, channels: 1 } }).toColourspace('b-w');
  return grey.png().toBuffer();
}

/** libvips answers in several lines, of which the last says what was wrong with the content. */
function reasonOf(cause: unknown): string {
  const lines = (cause instanceof Error ? cause.message : String(cause)).trim().split('\n');
  return lines.at(-1)!;
}
