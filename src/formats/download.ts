import { DownloadError, ModelFormatError } from '../errors';
import { readLocal } from './local-file';
import { textInstead } from './text-instead';

/** Bytes so far, and in all where the server says so. */
export interface DownloadProgress {
  readonly loaded: number;
  readonly total: number | undefined;
}

export interface DownloadOptions {
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Called with all bytes so far whenever more arrive, not checked yet: a caller may read a file's head early. */
  readonly onBytes?: (bytes: Uint8Array) => void;
  /** Cancels: the promise rejects with the signal's reason, and nothing is stored. */
  readonly signal?: AbortSignal;
  /** The content's SHA-256 in hexadecimal. Content that does not match is fetched again, once. */
  readonly sha256?: string;
  /**
   * `default` takes a stored copy if it is the newest and stores what it downloads; `reload` downloads anew and stores;
   * `none` does neither. Without the Cache API every choice is `none`.
   */
  readonly cache?: 'default' | 'reload' | 'none';
  /** A larger file is refused before it fills the memory. Default 1 GiB. */
  readonly maxBytes?: number;
}

/** The name in the Cache API under which downloads are stored; `caches.delete` of it frees them. */
export const DOWNLOAD_CACHE = 'fovea-downloads';

/**
 * Downloads a file. Its bytes are checked against `sha256`, and stored only then: nobody has parsed them.
 *
 * @throws DownloadError naming the address when the server refuses, the connection breaks, the file is too large, its
 * digest does not match, or a web page or a Git LFS pointer came instead. When the signal aborts: the signal's reason.
 */
export const download = (url: string | URL, options: DownloadOptions = {}): Promise<Uint8Array<ArrayBuffer>> =>
  downloadAs(url, async (bytes) => bytes, options.sha256 === undefined ? { ...options, cache: 'none' } : options);

/**
 * Downloads a file and parses it. Only what parses is stored. A stored copy is used as long as the server says that the
 * file is unchanged, or cannot be asked; with `sha256` the server is not asked. Content that is unusable is asked for
 * once more, past every cache.
 *
 * @param parse throws a ModelFormatError for unusable content
 * @throws DownloadError as {@link download}, and what `parse` throws
 */
export async function downloadAs<T>(
  url: string | URL,
  parse: (bytes: Uint8Array<ArrayBuffer>) => Promise<T>,
  options: DownloadOptions = {},
): Promise<T> {
  const address = String(url);
  const { signal, cache: mode = 'default' } = options;
  signal?.throwIfAborted();
  const local = readLocal(address);
  if (local) return parse(await checked(local, address, options));
  const cache = mode === 'none' ? undefined : await openCache(address);
  const take = async (response: Response): Promise<T> => {
    const bytes = await checked(await readBody(response, address, options), address, options);
    const parsed = await parse(bytes);
    // A stored copy has nothing new to store.
    if (!stored || response !== stored) await store(cache, address, bytes, response.headers);
    return parsed;
  };
  const stored = mode === 'default' ? await cache?.match(address).catch(() => undefined) : undefined;
  try {
    return await take(stored ? await newest(stored, address, options) : await request(address, { signal }));
  } catch (error) {
    if (!(error instanceof UnusableError || error instanceof ModelFormatError)) throw error;
    await cache?.delete(address).catch(() => {});
    return take(await request(address, { signal, cache: 'reload' }));
  }
}

/** What arrived is not the file. */
class UnusableError extends DownloadError {}

/** The stored copy, or the server's answer where it says that the file has changed since. */
async function newest(stored: Response, address: string, { signal, sha256 }: DownloadOptions): Promise<Response> {
  if (sha256 !== undefined) return stored;
  // Conditional headers of one's own would need a preflight on other origins.
  const answer = await request(address, { signal, cache: 'no-cache' }).catch((error: unknown) => {
    if (signal?.aborted || error instanceof UnusableError) throw error;
    return undefined;
  });
  const same = (header: string): boolean => answer?.headers.get(header) === stored.headers.get(header);
  const isVersioned = answer && VERSION_HEADERS.some((header) => answer.headers.has(header));
  if (answer && !(isVersioned && VERSION_HEADERS.every(same))) return answer;
  await answer?.body?.cancel();
  return stored;
}

/** Other origins may hide the first. */
const VERSION_HEADERS = ['etag', 'last-modified'];

async function request(address: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, init);
  } catch (cause) {
    throw failure(address, cause, init.signal);
  }
  const isPage = response.headers.get('content-type')?.startsWith('text/html');
  if (response.ok && !isPage) return response;
  await response.body?.cancel();
  if (isPage && response.ok) throw new UnusableError(`${address}: the server answered with a web page (text/html)`);
  throw new DownloadError(`${address}: the server answered ${response.status} ${response.statusText}`.trim());
}

/** @throws DownloadError for content of another digest, and for text that stands where the file should be */
async function checked(
  bytes: Uint8Array<ArrayBuffer>,
  address: string,
  options: DownloadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const found = textInstead(bytes);
  if (found) throw new UnusableError(`${address}: expected a file of weights, got ${found}`);
  await verify(bytes, address, options);
  return bytes;
}

/**
 * The body as one array. The announced length is only a hint: it may be wrong, and for a compressed transfer it counts
 * compressed bytes. So memory grows with the bytes that arrive.
 */
async function readBody(
  response: Response,
  address: string,
  { onProgress, onBytes, signal, maxBytes = 2 ** 30 }: DownloadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const announced = announcedLength(response);
  const tooLarge = (size: number): DownloadError =>
    new DownloadError(`${address}: ${size} bytes are more than the ${maxBytes} allowed`);
  if (!response.body) return new Uint8Array(0);
  const reader = response.body.getReader();
  let buffer = new Uint8Array(0);
  let loaded = 0;
  try {
    if (announced !== undefined && announced > maxBytes) throw tooLarge(announced);
    onProgress?.({ loaded, total: announced });
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      signal?.throwIfAborted();
      const needed = loaded + part.value.length;
      if (needed > maxBytes) throw tooLarge(needed);
      if (needed > buffer.length) buffer = grown(buffer, loaded, needed, announced ?? 0);
      buffer.set(part.value, loaded);
      loaded = needed;
      onBytes?.(buffer.subarray(0, loaded));
      onProgress?.({ loaded, total: announced !== undefined && loaded <= announced ? announced : undefined });
    }
  } catch (cause) {
    await reader.cancel().catch(() => {});
    throw failure(address, cause, signal);
  }
  return loaded === buffer.length ? buffer : buffer.slice(0, loaded);
}

/** Doubles the buffer, so that each byte is moved once on average, but not past the announced length. */
function grown(buffer: Uint8Array, loaded: number, needed: number, announced: number): Uint8Array<ArrayBuffer> {
  const doubled = Math.max(needed, 2 * buffer.length, 2 ** 16);
  const larger = new Uint8Array(needed <= announced ? Math.min(doubled, announced) : doubled);
  larger.set(buffer.subarray(0, loaded));
  return larger;
}

function announcedLength(response: Response): number | undefined {
  const text = response.headers.get('content-length');
  // A compressed transfer announces its compressed length.
  const encoded = (response.headers.get('content-encoding') ?? 'identity') !== 'identity';
  const length = text !== null && /^\d+$/.test(text) && !encoded ? Number(text) : undefined;
  return length !== undefined && Number.isSafeInteger(length) ? length : undefined;
}

async function verify(bytes: Uint8Array<ArrayBuffer>, address: string, options: DownloadOptions): Promise<void> {
  const { sha256, signal } = options;
  if (sha256 === undefined) return;
  // A page without a secure context has no digests (and no WebGPU).
  if (!globalThis.crypto?.subtle) {
    throw new DownloadError(`${address}: cannot check its SHA-256, which needs a secure context (https or localhost)`);
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  signal?.throwIfAborted();
  const actual = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (actual !== sha256.toLowerCase()) {
    throw new UnusableError(`${address}: its SHA-256 is ${actual}, expected ${sha256.toLowerCase()}`);
  }
}

/** Storing is optional: where the Cache API is missing or refuses, downloads go on without it. */
async function openCache(address: string): Promise<Cache | undefined> {
  if (!('caches' in globalThis) || !isHttp(address)) return undefined;
  return caches.open(DOWNLOAD_CACHE).catch(() => undefined);
}

/** Whether the address leads to a server. The request itself refuses text that is no address. */
function isHttp(address: string): boolean {
  try {
    return /^https?:/.test(new URL(address, globalThis.location?.href).protocol);
  } catch {
    return false;
  }
}

async function store(
  cache: Cache | undefined,
  address: string,
  bytes: Uint8Array<ArrayBuffer>,
  answered: Headers,
): Promise<void> {
  const headers = new Headers({ 'content-length': String(bytes.length) });
  for (const name of ['content-type', ...VERSION_HEADERS]) {
    const value = answered.get(name);
    if (value !== null) headers.set(name, value);
  }
  // A full disk must not fail a download that succeeded.
  await cache?.put(address, new Response(bytes, { headers })).catch(() => {});
}

function failure(address: string, cause: unknown, signal: AbortSignal | null | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (cause instanceof DownloadError) return cause;
  const reason = cause instanceof Error ? (cause.cause instanceof Error ? cause.cause : cause).message : String(cause);
  return new DownloadError(`${address}: the download failed: ${reason}`, { cause });
}
