import type { Page } from 'puppeteer-core';
import { launch } from '../../tools/browsers.mjs';
import { mayHaveGpu } from '../../tools/find.mjs';
import { buildPages } from '../build';
import type { BenchServer } from '../server';
import type * as MeasurementsModule from './measurements';
import { type Listener, type MeasurementName, type Place, withinTime } from './place';

declare global {
  function load<T>(address: string): Promise<T>;
  /** The benchmark's own function, which hears results so far. */
  function tellPartial(value: unknown): Promise<void>;
}

const PAGE = '<!doctype html><title>Benchmark</title><script>globalThis.load = (address) => import(address)</script>';
/** For the question whether a browser finds a graphics card. */
const DESCRIBE_MS = 60_000;
/** On Linux some versions take a graphics card only when they are told to. */
const WITH_VULKAN = [
  '--enable-features=Vulkan',
  '--use-angle=vulkan',
  '--ignore-gpu-blocklist',
  '--disable-vulkan-surface',
];

/** Chromium, a fresh one for each call: pages of one browser share a GPU process, with its caches. */
export async function openChrome(server: BenchServer, listener: Listener): Promise<Place> {
  server.add(await buildPages(['gpu/measurements']));
  server.add([['/gpu.html', PAGE]]);
  const callWith = (flags: readonly string[]): Place['call'] => {
    const call = (name: MeasurementName, argument: unknown, mostMs: number) =>
      inPage(server.url, flags, mostMs, listener, (page) =>
        page.evaluate(
          async (name, argument) => {
            const { measurements } = await load<typeof MeasurementsModule>('/gpu/measurements.js');
            const measure = measurements[name] as (
              argument: unknown,
              tell: (value: unknown) => void,
            ) => Promise<unknown>;
            return measure(argument, (value) => void tellPartial(value));
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
      return !(await call('describe', undefined, DESCRIBE_MS)).adapter.software;
    } catch {
      return false;
    }
  };
  const needsMore = process.platform === 'linux' && mayHaveGpu() && !(await isHardware(plain));
  return { name: 'chrome', origin: '', call: needsMore ? callWith(WITH_VULKAN) : plain, close() {} };
}

async function inPage(
  url: string,
  flags: readonly string[],
  mostMs: number,
  listener: Listener,
  work: (page: Page) => Promise<unknown>,
): Promise<unknown> {
  const { browser } = await launch('chromium', flags);
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => listener.say(`page: ${error}`));
    const measure = async (tell: (value: unknown) => void): Promise<unknown> => {
      await page.exposeFunction('tellPartial', tell);
      await page.goto(`${url}/gpu.html`);
      return work(page);
    };
    return await withinTime(measure, mostMs, listener);
  } finally {
    await browser.close();
  }
}
