import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { DownloadError, ModelFormatError } from '../../src/errors';
import { DOWNLOAD_CACHE, type DownloadProgress, download, downloadAs } from '../../src/formats/download';

let server: Server;
let url: string;
let answer: RequestListener;
let requests: number;

const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 3);
const sha256 = createHash('sha256').update(content).digest('hex');

/** `toEqual` would take a second for so many numbers. */
const expectContent = (bytes: Uint8Array): void => expect(Buffer.compare(bytes, content)).toBe(0);

beforeEach(async () => {
  requests = 0;
  answer = (_, response) => response.writeHead(200, { 'content-length': content.length }).end(content);
  server = createServer((request, response) => {
    requests++;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.safetensors`;
});

afterEach(() => {
  vi.unstubAllGlobals();
  server.closeAllConnections();
  server.close();
});

describe('download', () => {
  it('returns the content and reports progress up to the announced length', async () => {
    const seen: DownloadProgress[] = [];
    expectContent(await download(url, { onProgress: (p) => seen.push(p) }));
    expect(seen[0]).toEqual({ loaded: 0, total: content.length });
    expect(seen.at(-1)).toEqual({ loaded: content.length, total: content.length });
    expect(seen.map((p) => p.loaded)).toEqual(seen.map((p) => p.loaded).sort((a, b) => a - b));
  });

  it('reports no total for a chunked or compressed transfer', async () => {
    const seen: DownloadProgress[] = [];
    const packed = gzipSync(content);
    answer = (_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed);
    expectContent(await download(url, { onProgress: (p) => seen.push(p) }));
    answer = (_, response) => response.writeHead(200).end(content);
    expectContent(await download(url, { onProgress: (p) => seen.push(p) }));
    expect(new Set(seen.map((p) => p.total))).toEqual(new Set([undefined]));
  });

  it('shows what arrived while the rest is still on its way', async () => {
    let finish: (() => void) | undefined;
    answer = (_, response) => {
      response.writeHead(200).write(content.subarray(0, 1000));
      finish = () => response.end(content.subarray(1000));
    };
    let shown = 0;
    const onBytes = (bytes: Uint8Array): void => {
      expect(Buffer.compare(bytes, content.subarray(0, bytes.length))).toBe(0);
      if (shown === 0) expect(bytes.length).toBe(1000);
      shown = bytes.length;
      finish!();
    };
    expectContent(await download(url, { onBytes }));
    expect(shown).toBe(content.length);
  });

  it('returns an empty file', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-length': 0 }).end();
    expect(await download(url)).toEqual(new Uint8Array(0));
  });

  it('accepts content with the right digest in either case and refuses another, naming both', async () => {
    expectContent(await download(url, { sha256: sha256.toUpperCase() }));
    const other = '0'.repeat(64);
    await expect(download(url, { sha256: other })).rejects.toThrow(
      `${url}: its SHA-256 is ${sha256}, expected ${other}`,
    );
  });

  it('names the address and the status when the server refuses', async () => {
    answer = (_, response) => response.writeHead(404).end('none');
    const error = await download(url).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DownloadError);
    expect((error as Error).message).toBe(`${url}: the server answered 404 Not Found`);
  });

  it('fails when fewer bytes come than were announced', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 1000), () => response.destroy());
    };
    await expect(download(url)).rejects.toThrow(DownloadError);
    await expect(download(url)).rejects.toThrow(`${url}: the download failed`);
  });

  it('fails when nobody listens', async () => {
    server.close();
    server.closeAllConnections();
    await expect(download(url)).rejects.toThrow(DownloadError);
  });

  it('stops at the bound, whether the length is announced, hidden or a lie', async () => {
    await expect(download(url, { maxBytes: 1000 })).rejects.toThrow(`${content.length} bytes are more than the 1000`);
    answer = (_, response) => response.writeHead(200).end(content);
    await expect(download(url, { maxBytes: 1000 })).rejects.toThrow(/bytes are more than the 1000/);
    respondLocally(() => new Response(content, { headers: { 'content-length': '10' } }));
    await expect(download(url, { maxBytes: 1000 })).rejects.toThrow(/bytes are more than the 1000/);
  });

  it('does not reserve memory for a length that is announced and does not come', async () => {
    respondLocally(() => new Response(content, { headers: { 'content-length': String(2 ** 30) } }));
    const before = process.memoryUsage().arrayBuffers;
    expectContent(await download(url));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });

  it('drops an announced total that the content outgrows', async () => {
    respondLocally(() => new Response(content, { headers: { 'content-length': '10' } }));
    const seen: DownloadProgress[] = [];
    expectContent(await download(url, { onProgress: (p) => seen.push(p) }));
    expect(seen.at(-1)).toEqual({ loaded: content.length, total: undefined });
  });

  it('is cancelled before it begins, while it runs and while the server says nothing', async () => {
    const reason = new Error('the visitor left');
    await expect(download(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(requests).toBe(0);
    const running = new AbortController();
    await expect(download(url, { signal: running.signal, onProgress: () => running.abort(reason) })).rejects.toBe(
      reason,
    );
    const waiting = new AbortController();
    answer = () => waiting.abort(reason);
    await expect(download(url, { signal: waiting.signal })).rejects.toBe(reason);
  });
});

describe('download with the Cache API', () => {
  let stored: Map<string, Response>;

  beforeEach(() => {
    stored = new Map();
    vi.stubGlobal('caches', {
      open: async (name: string) => {
        expect(name).toBe(DOWNLOAD_CACHE);
        return {
          match: async (key: string) => stored.get(key)?.clone(),
          put: async (key: string, response: Response) => void stored.set(key, response),
          delete: async (key: string) => stored.delete(key),
        };
      },
    });
  });

  it('answers the second visit without the network, with progress', async () => {
    await download(url, { sha256 });
    const seen: DownloadProgress[] = [];
    expectContent(await download(url, { sha256, onProgress: (p) => seen.push(p) }));
    expect(seen.at(-1)).toEqual({ loaded: content.length, total: content.length });
    expect(requests).toBe(1);
  });

  it('fetches a corrupt entry again, once, and mends it', async () => {
    stored.set(url, new Response('rotten'));
    expectContent(await download(url, { sha256 }));
    expectContent(await download(url, { sha256 }));
    expect(requests).toBe(1);
  });

  it('gives up when the network brings the wrong content too, and stores nothing', async () => {
    stored.set(url, new Response('rotten'));
    await expect(download(url, { sha256: 'f'.repeat(64) })).rejects.toThrow(DownloadError);
    expect(requests).toBe(1);
    expect(stored.size).toBe(0);
  });

  it('stores nothing of a download that was cancelled or broke off', async () => {
    const controller = new AbortController();
    await download(url, { signal: controller.signal, onProgress: () => controller.abort() }).catch(() => {});
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 1000), () => response.destroy());
    };
    await download(url).catch(() => {});
    expect(stored.size).toBe(0);
  });

  it('reloads when told to, and touches nothing when told not to', async () => {
    stored.set(url, new Response('old'));
    expectContent(await download(url, { cache: 'none' }));
    expect(await stored.get(url)!.clone().text()).toBe('old');
    expectContent(await download(url, { cache: 'reload', sha256 }));
    expectContent(new Uint8Array(await stored.get(url)!.arrayBuffer()));
  });

  it('refuses what is no address by name, with a cache or without', async () => {
    vi.stubGlobal('caches', { open: async () => ({}) });
    await expect(download('model.safetensors')).rejects.toThrow(DownloadError);
    await expect(download('model.safetensors')).rejects.toThrow('model.safetensors');
  });

  /** A parser that wants all of the content. */
  const whole = async (bytes: Uint8Array): Promise<number> => {
    if (bytes.length !== content.length) throw new ModelFormatError(`the file is cut off at ${bytes.length}`);
    return bytes.length;
  };
  /** The first answer is that of a server in trouble, those that follow are the file. */
  const onceInstead = (headers: Record<string, string>, body: string | Uint8Array): void => {
    answer = (_, response) => {
      if (requests === 1) response.writeHead(200, headers).end(body);
      else response.writeHead(200, { etag: '"1"' }).end(content);
    };
  };

  it.each([
    ['an app shell', { 'content-type': 'text/html; charset=utf-8' }, '<div id=app></div>'],
    ['a page without a type', {}, '<!DOCTYPE html><title>Sign in</title>'],
    ['a Git LFS pointer', {}, 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n'],
    ['half a file', {}, content.subarray(0, 1000)],
  ])('asks once more where %s came instead of the file', async (_, headers, body) => {
    onceInstead(headers, body);
    expect(await downloadAs(url, whole)).toBe(content.length);
    expect(requests).toBe(2);
    expectContent(new Uint8Array(await stored.get(url)!.clone().arrayBuffer()));
  });

  it('says what came instead, and stores none of it', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>');
    await expect(downloadAs(url, whole)).rejects.toThrow(
      new DownloadError(`${url}: the server answered with a web page (text/html)`),
    );
    answer = (_, response) => response.end('version https://git-lfs.github.com/spec/v1\n');
    await expect(downloadAs(url, whole)).rejects.toThrow(/expected a file of weights, got a Git LFS pointer/);
    answer = (_, response) => response.end(content.subarray(0, 1000));
    await expect(downloadAs(url, whole)).rejects.toThrow(new ModelFormatError('the file is cut off at 1000'));
    await download(url);
    expect(requests).toBe(7);
    expect(stored.size).toBe(0);
  });

  it('drops a stored copy that does not parse', async () => {
    stored.set(url, new Response('rotten', { headers: { etag: '"1"' } }));
    answer = (_, response) => response.writeHead(200, { etag: '"1"' }).end(content);
    expect(await downloadAs(url, whole)).toBe(content.length);
    expectContent(new Uint8Array(await stored.get(url)!.clone().arrayBuffer()));
  });

  it.each(['etag', 'last-modified'])(
    'takes a stored copy of the same %s, and the new file of another',
    async (header) => {
      let version = 'Sat, 01 Jan 2028 00:00:00 GMT';
      let body = content;
      answer = (_, response) => response.writeHead(200, { [header]: version }).end(body);
      const first = (bytes: Uint8Array): Promise<number> => Promise.resolve(bytes[1]);
      expect(await downloadAs(url, first)).toBe(content[1]);
      body = content.with(1, 77);
      expect(await downloadAs(url, first)).toBe(content[1]);
      version = 'Sun, 02 Jan 2028 00:00:00 GMT';
      expect(await downloadAs(url, first)).toBe(77);
      expect(requests).toBe(3);
      // Nobody to ask.
      server.closeAllConnections();
      server.close();
      expect(await downloadAs(url, first)).toBe(77);
    },
  );

  it('downloads all the same when the cache cannot be opened or is full', async () => {
    vi.stubGlobal('caches', { open: () => Promise.reject(new Error('private window')) });
    expectContent(await download(url));
    const full = {
      match: async () => undefined,
      put: () => Promise.reject(new DOMException('', 'QuotaExceededError')),
    };
    vi.stubGlobal('caches', { open: async () => full });
    expectContent(await download(url));
  });
});

test('a path and a file: address are read from the disk, and what is missing is named', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'fovea-')), 'model.safetensors');
  writeFileSync(path, content);
  expectContent(await download(path));
  expectContent(await download(pathToFileURL(path)));
  await expect(download(`${path}s`)).rejects.toThrow(new RegExp(`${path}s: the file cannot be read: ENOENT`));
});

/** Answers in place of the network, which would hold a server to the length that it announces. */
function respondLocally(make: () => Response): void {
  vi.stubGlobal('fetch', async () => make());
}
