import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
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
  /** Bytes as they went over the line, compressed, since the page asked for `mark`. */
  downloadedBytes(): number;
  close(): void;
}

/**
 * Serves files from memory, compressed ahead, and whole folders by their prefix. Pages are isolated, so that engines
 * may use threads and clocks are finer, and nothing is kept by the browser.
 *
 * @param folders prefixes of addresses and where their files lie
 * @param mark an address that starts the count of bytes anew
 */
export async function serve(
  files: ReadonlyMap<string, Uint8Array | string>,
  folders: Readonly<Record<string, string>>,
  mark: string,
): Promise<BenchServer> {
  const compressed = new Map<string, Buffer>();
  const add: BenchServer['add'] = (more) => {
    for (const [path, content] of more) compressed.set(path, gzipSync(content));
  };
  add(files);
  let downloaded = 0;
  const contentOf = (path: string): Buffer | undefined => {
    const known = compressed.get(path);
    if (known) return known;
    const prefix = Object.keys(folders).find((start) => path.startsWith(start));
    if (!prefix || path.includes('..')) return undefined;
    const content = gzipSync(readFileSync(folders[prefix] + path.slice(prefix.length)));
    compressed.set(path, content);
    return content;
  };
  const server = createServer(({ url = '/' }, response) => {
    if (url === mark) downloaded = 0;
    const content = url === mark ? gzipSync('') : contentOf(url);
    if (!content) {
      response.writeHead(404).end();
      return;
    }
    if (url !== mark) downloaded += content.byteLength;
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    add,
    downloadedBytes: () => downloaded,
    close: () => server.close(),
  };
}
