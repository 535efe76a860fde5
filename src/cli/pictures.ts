import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { ArgumentError } from '../errors';

/** A picture that an argument names. */
export interface PictureFile {
  /** `-` is stdin. */
  readonly path: string;
  /** What its answers are called, with the folders below the one that was given. */
  readonly name: string;
}

const FORMATS = new Set(['.avif', '.gif', '.jpeg', '.jpg', '.png', '.svg', '.tif', '.tiff', '.webp']);

/**
 * The pictures that arguments name: files as they come, and in place of a folder the pictures in it and below, by name.
 *
 * @param shard as `2/8`: of all pictures the second, the tenth, and so on, so that eight computers share the work
 * @throws ArgumentError for a folder without pictures and for a shard that is none
 */
export function findPictures(paths: readonly string[], shard?: string): PictureFile[] {
  const all = paths.flatMap((path) => {
    if (path === '-') return { path, name: 'stdin' };
    return isFolder(path) ? inFolder(path) : { path, name: basename(path) };
  });
  if (shard === undefined) return all;
  const [, k, n] = (/^(\d+)\/(\d+)$/.exec(shard) ?? []).map(Number);
  if (!(k >= 1 && k <= n)) throw new ArgumentError(`--shard must be as 2/8, the second of eight parts, got "${shard}"`);
  return all.filter((_, i) => i % n === k - 1);
}

export const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

function inFolder(folder: string): PictureFile[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => FORMATS.has(extname(file).toLowerCase()) && statSync(join(folder, file)).isFile())
    .sort();
  if (files.length === 0) throw new ArgumentError(`there is no picture in the folder ${folder}`);
  return files.map((name) => ({ path: join(folder, name), name }));
}

/**
 * A file for each picture: `out` itself, or one in the folder `out`, named after the picture with its own ending
 * replaced. `-` is stdout.
 *
 * @throws ArgumentError when two pictures would be written into one file, and for a file that is no .png
 */
export function outputFiles(option: string, out: string, pictures: readonly PictureFile[]): string[] {
  const toFolder = pictures.length !== 1 || isFolder(out);
  if (!toFolder && !/[\\/]$/.test(out)) {
    if (out === '-' || /\.png$/i.test(out)) return pictures.map(() => out);
    throw new ArgumentError(`--${option} must be a .png file, a folder or -, got "${out}"`);
  }
  if (out === '-') throw new ArgumentError(`--${option} - takes one picture, got ${pictures.length}`);
  return namesApart(pictures, (name) => `${name.slice(0, name.length - extname(name).length)}.png`).map((name) =>
    join(out, name),
  );
}

/** A name for each picture. @throws ArgumentError when two are the same, or would be to a system that takes A for a */
export function namesApart(pictures: readonly PictureFile[], nameOf: (name: string) => string): string[] {
  const taken = new Map<string, string>();
  return pictures.map(({ path, name }) => {
    const file = nameOf(name);
    const other = taken.get(file.toLowerCase());
    if (other !== undefined) throw new ArgumentError(`${other} and ${path} would both be written to ${file}`);
    taken.set(file.toLowerCase(), path);
    return file;
  });
}
