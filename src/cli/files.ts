import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ArgumentError } from '../errors';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'there is a file where its folder should be',
  EACCES: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

/** Reads a path or `file:` URL. @throws ArgumentError naming the path */
export function readBytes(path: string): Uint8Array<ArrayBuffer> {
  if (/^https?:/.test(path))
    throw new ArgumentError(`cannot read ${path}: only models are downloaded, save the file first`);
  return explaining('read', path, () => new Uint8Array(readFileSync(localPath(path))));
}

/** Writes a file, with its folder. @throws ArgumentError naming the path */
export function writeBytes(path: string, bytes: Uint8Array | string): void {
  explaining('write', path, () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  });
}

/** Makes a folder, so that one that cannot be written shows before the work is done. @throws ArgumentError */
export function makeFolder(path: string): void {
  explaining('write to', path, () => mkdirSync(path, { recursive: true }));
}

const localPath = (path: string): string => (path.startsWith('file:') ? fileURLToPath(path) : path);

function explaining<T>(action: string, path: string, attempt: () => T): T {
  try {
    return attempt();
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    throw new ArgumentError(`cannot ${action} ${path}: ${REASONS[code] ?? message}`, { cause });
  }
}
