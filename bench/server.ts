import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.html': 'text/html',
};

export interface BenchServer {
  readonly url: string;
  /** More files, by address. */
  add(files: Iterable<readonly [string, Uint8Array | string]>): void;
  /** Compressed bytes that were sent since the page asked for `mark`. */
  downloadedBytes(): number;
  close(): void;
}

/**
 * Serves files from memory, and folders of code by the prefix of their addresses. Everything is compressed ahead, so
 * that no page waits for it. Pages are isolated, so that engines may use threads and clocks are finer. The browser caches
 * nothing.
 *
 * @param folders prefixes of addresses and the folders whose files of code, `TYPES`, are served there
 * @param mark an address that starts the count of bytes again from zero
 */
export async function serve(
  files: ReadonlyMap<string, Uint8Array | string>,
  folders: ReadonlyMap<string, string>,
  mark: string,
): Promise<BenchServer> {
  const compressed = new Map<string, Buffer>([[mark, gzipSync('')]]);
  const add: BenchServer['add'] = (more) => {
    for (const [path, content] of more) compressed.set(path, gzipSync(content));
  };
  add(files);
  for (const [prefix, folder] of folders) {
    const names = readdirSync(folder).filter((name) => extname(name) in TYPES);
    for (const name of names) add([[prefix + name, readFileSync(join(folder, name))]]);
  }
  let downloaded = 0;
  const server = createServer(({ url = '/' }, response) => {
    const content = compressed.get(url);
    if (!content) {
      response.writeHead(404).end();
      return;
    }
    downloaded = url === mark ? 0 : downloaded + content.byteLength;
    response.writeHead(200, {
      'Content-Type': TYPES[extname(url)] ?? 'application/octet-stream',
      'Content-Encoding': 'gzip',
      'Content-Length': content.byteLength,
      'Cache-Control': 'no-store',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    response.end(content);
  });
  // A client that was busy for longer than this would find its connection closed in the midst of a request.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    add,
    downloadedBytes: () => downloaded,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
