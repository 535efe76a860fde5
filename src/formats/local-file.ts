import { DownloadError } from '../errors';

/**
 * Reads a path or a `file:` URL where there are files: in Node, Deno and Bun.
 *
 * @returns undefined for the address of a server, and in browsers
 * @throws DownloadError naming the path
 */
export function readLocal(address: string): Uint8Array<ArrayBuffer> | undefined {
  // No import: bundlers for browsers would look for the module.
  const fs = globalThis.process?.getBuiltinModule?.('node:fs');
  if (!fs || /^(?!file:)[a-z][a-z+.-]+:/i.test(address)) return undefined;
  try {
    return new Uint8Array(fs.readFileSync(address.startsWith('file:') ? new URL(address) : address));
  } catch (cause) {
    throw new DownloadError(`${address}: the file cannot be read: ${(cause as Error).message}`, { cause });
  }
}
