import { mkdirSync, readFileSync, readSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

/** Reads a path or `file:` URL, or stdin for `-`. @throws ArgumentError naming the path */
export function readBytes(path: string): Uint8Array<ArrayBuffer> {
  if (/^https?:/.test(path))
    throw new ArgumentError(`cannot read ${path}: only models are downloaded, save the file first`);
  if (path === '-') return explaining('read', 'stdin', readStdin);
  return explaining('read', path, () => new Uint8Array(readFileSync(localPath(path))));
}

/** Writes a file, with its folder: all of it or none. @throws ArgumentError naming the path */
export function writeBytes(path: string, bytes: Uint8Array | string): void {
  explaining('write', path, () => {
    mkdirSync(dirname(path), { recursive: true });
    const old = statSync(path, { throwIfNoEntry: false });
    // A device such as /dev/null cannot be replaced.
    if (old && !old.isFile()) return writeFileSync(path, bytes);
    const target = old ? realpathSync(path) : path;
    const part = `${target}.${process.pid}.part`;
    try {
      writeFileSync(part, bytes);
      renameSync(part, target);
    } catch (error) {
      rmSync(part, { force: true });
      throw error;
    }
  });
}

/** All of stdin. A pipe may have nothing to read yet and say so (EAGAIN). */
function readStdin(): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = new Uint8Array(2 ** 16);
    try {
      const size = readSync(0, part);
      if (size === 0) return new Uint8Array(Buffer.concat(parts));
      parts.push(part.subarray(0, size));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return new Uint8Array(Buffer.concat(parts));
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
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
    throw new ArgumentError(`cannot ${action} ${path}: ${reasonOf(cause as NodeJS.ErrnoException)}`, { cause });
  }
}

/** In words, where the system's error is a common one. */
export const reasonOf = ({ code = '', message }: NodeJS.ErrnoException): string => REASONS[code] ?? message;
