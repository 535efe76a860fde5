import type { Page } from 'puppeteer-core';
import { launch } from '../../tools/browsers.mjs';
import { mayHaveGpu } from '../../tools/find.mjs';
import { buildPages } from '../build';
import type { BenchServer } from '../server';
import type * as MeasurementsModule from './measurements';
import type { Place } from './place';

declare global {
  function load<T>(address: string): Promise<T>;
}

const PAGE = '<!doctype html><title>Benchmark</title><script>globalThis.load = (address) => import(address)</script>';
/** Beyond its time, a call may take this much longer, or twice its time. */
const PATIENCE_MS = 180_000;
/** On Linux some versions take a graphics card only when they are told to. */
const WITH_VULKAN = [
  '--enable-features=Vulkan',
  '--use-angle=vulkan',
  '--ignore-gpu-blocklist',
  '--disable-vulkan-surface',
];

/** Chromium, a fresh one for each call: pages of one browser share a GPU process, with its caches. */
export async function openChrome(server: BenchServer, say: (line: string) => void): Promise<Place> {
  server.add(await buildPages(['gpu/measurements']));
  server.add([['/gpu.html', PAGE]]);
  const callWith = (flags: readonly string[]): Place['call'] => {
    const call = (name: keyof MeasurementsModule.Measurements, argument: unknown, ms: number) =>
      inPage(server.url, flags, ms, say, (page) =>
        page.evaluate(
          async (name, argument) => {
            const { measurements } = await load<typeof MeasurementsModule>('/gpu/measurements.js');
            return (measurements[name] as (argument: unknown) => Promise<unknown>)(argument);
          },
          name,
          argument,
        ),
      );
    return call as Place['call'];
  };
  const plain = callWith([]);
  const isHardware = async (call: Place['call']): Promise<boolean> => {
    try {
      return !(await call('describe', undefined, 0)).adapter.software;
    } catch {
      return false;
    }
  };
  const needsMore = process.platform === 'linux' && mayHaveGpu() && !(await isHardware(plain));
  return { name: 'chrome', origin: '', call: needsMore ? callWith(WITH_VULKAN) : plain };
}

async function inPage<T>(
  url: string,
  flags: readonly string[],
  ms: number,
  say: (line: string) => void,
  work: (page: Page) => Promise<T>,
): Promise<T> {
  const { browser } = await launch('chromium', flags);
  let timer: NodeJS.Timeout | undefined;
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => say(`page: ${error}`));
    await page.goto(`${url}/gpu.html`);
    const late = new Promise<never>((_, reject) => {
      const patience = Math.max(2 * ms, ms + PATIENCE_MS);
      timer = setTimeout(() => reject(new Error(`no answer within ${Math.round(patience / 1000)} s`)), patience);
    });
    return await Promise.race([work(page), late]);
  } finally {
    clearTimeout(timer);
    await browser.close();
  }
}
