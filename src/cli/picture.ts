import type { Sharp } from 'sharp';
import { ArgumentError } from '../errors';
import type { RawPicture } from '../picture';
import { readBytes, writeBytes } from './files';

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
  return decode(path, (picture) =>
    picture.autoOrient().flatten({ background: 'white' }).toColourspace('srgb').ensureAlpha(),
  );
}

/** Reads a picture of numbers, one byte each, such as a mask. @throws ArgumentError naming the file */
export function readGrey(path: string): Promise<GreyPicture> {
  return decode(path, (picture) => picture.extractChannel(0));
}

async function decode(path: string, prepare: (picture: Sharp) => Sharp): Promise<GreyPicture> {
  const bytes = readBytes(path);
  if (bytes.length === 0) throw new ArgumentError(`cannot read ${path}: the file is empty`);
  const sharp = await loadSharp();
  try {
    const raw = prepare(sharp(bytes, { failOn: 'error' })).raw({ depth: 'uchar' });
    const { data, info } = await raw.toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch (cause) {
    throw new ArgumentError(`cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
}

/** Writes a PNG with an overlay, which is an SVG document or RGBA pixels of the picture's size. */
export async function writeAnnotated(path: string, picture: RawPicture, overlay: string | Uint8Array): Promise<void> {
  const sharp = await loadSharp();
  const raw = { width: picture.width, height: picture.height, channels: 4 } as const;
  const input = typeof overlay === 'string' ? { input: Buffer.from(overlay) } : { input: Buffer.from(overlay), raw };
  writeBytes(path, await sharp(picture.data, { raw }).composite([input]).png().toBuffer());
}

/** Writes a picture of numbers, one byte each, as a grey PNG that {@link readGrey} gives back unchanged. */
export async function writeGrey(path: string, { data, width, height }: GreyPicture): Promise<void> {
  const sharp = await loadSharp();
  const grey = sharp(data, { raw: { width, height, channels: 1 } }).toColourspace('b-w');
  writeBytes(path, await grey.png().toBuffer());
}

/** libvips answers in several lines, of which the last says what was wrong with the content. */
function reasonOf(cause: unknown): string {
  const lines = (cause instanceof Error ? cause.message : String(cause)).trim().split('\n');
  return lines.at(-1)!;
}
