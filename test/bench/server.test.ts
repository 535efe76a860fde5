import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { serve } from '../../bench/server';

test('downloads are counted compressed, from the mark on', async () => {
  const numbers = 'numbers '.repeat(1000);
  const server = await serve(new Map([['/numbers', numbers]]), new Map(), '/cold');
  onTestFinished(() => server.close());
  const get = async (path: string): Promise<string> => (await fetch(server.url + path)).text();
  await get('/numbers');
  await get('/cold');
  expect(server.downloadedBytes()).toBe(0);
  expect(await get('/numbers')).toBe(numbers);
  expect(await get('/numbers')).toBe(numbers);
  expect(server.downloadedBytes()).toBe(2 * gzipSync(numbers).byteLength);
});

test('a folder is compressed before the first request, and only its code is served', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
  writeFileSync(join(folder, 'engine.wasm'), 'code');
  writeFileSync(join(folder, 'engine.js.map'), 'a map');
  const server = await serve(new Map(), new Map([['/engine/', folder]]), '/cold');
  onTestFinished(() => server.close());
  // The server no longer needs the folder: a timed page waits for no disk and no compression.
  rmSync(folder, { recursive: true });
  const response = await fetch(`${server.url}/engine/engine.wasm`);
  expect(response.headers.get('Content-Type')).toBe('application/wasm');
  expect(await response.text()).toBe('code');
  expect((await fetch(`${server.url}/engine/engine.js.map`)).status).toBe(404);
});
