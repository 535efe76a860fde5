import { expect, test } from '@playwright/test';
import { build } from 'vite';
import type * as TuningCache from '../../src/gpu/tuning-cache';

declare global {
  var tuningCache: typeof TuningCache;
}

// The module is put into a page of its own making, which the demo's content security policy would not allow.
test.use({ bypassCSP: true });

/** The caches as a script that defines the global `tuningCache`. */
async function bundled(): Promise<string> {
  const lib = { entry: 'src/gpu/tuning-cache.ts', formats: ['iife' as const], name: 'tuningCache' };
  const built = await build({ configFile: false, logLevel: 'warn', publicDir: false, build: { write: false, lib } });
  const [{ output }] = Array.isArray(built) ? built : [];
  return output[0].code;
}

test('IndexedDB keeps choices beyond the page, is the default in browsers, and forgets what is no choice', async ({
  page,
}) => {
  const script = await bundled();
  const choice = { kernel: 'softmax', setting: '8 per row', timeMs: 0.25 };
  await page.goto('.');
  await page.addScriptTag({ content: script });
  const before = await page.evaluate(async (value) => {
    const cache = tuningCache.defaultTuningCache();
    const missing = await cache.get('a');
    await cache.set('a', value);
    await cache.set('b', { nonsense: true } as unknown as typeof value);
    return { missing, isIndexedDb: cache instanceof tuningCache.IndexedDbTuningCache };
  }, choice);
  expect(before).toEqual({ missing: undefined, isIndexedDb: true });

  await page.reload();
  await page.addScriptTag({ content: script });
  const after = await page.evaluate(async () => {
    const cache = new tuningCache.IndexedDbTuningCache();
    return [await cache.get('a'), await cache.get('b')];
  });
  expect(after).toEqual([choice, undefined]);
});

test('a browser that refuses IndexedDB fails the request and not the page, and is asked again', async ({ page }) => {
  await page.goto('.');
  await page.addScriptTag({ content: await bundled() });
  const outcome = await page.evaluate(async () => {
    let refusals = 0;
    const factory = {
      open(...args: Parameters<IDBFactory['open']>) {
        if (refusals++ === 0) throw new DOMException('denied', 'SecurityError');
        return indexedDB.open(...args);
      },
    } as IDBFactory;
    const cache = new tuningCache.IndexedDbTuningCache('fovea', factory);
    const first = await cache.get('c').catch((error: Error) => error.message);
    return [first, await cache.get('c')];
  });
  expect(outcome).toEqual(['denied', undefined]);
});
