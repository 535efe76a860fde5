import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import packageJson from '../../../package.json';
import { launch } from '../../../tools/browsers.mjs';
import { buildPages } from '../../build';
import { ENGINES, type EngineName } from '../../engines/engine';
import { filesOf, jobOf } from '../../jobs';
import type { BenchNetwork } from '../../networks';
import { serve } from '../../server';
import type * as PageModule from './page';
import type { AdapterInfo, Recording } from './recording';

/** Engines whose frames are recorded. */
export const PEERS = ['ort-webgpu', 'tfjs', 'litert'] as const satisfies readonly EngineName[];
export type Peer = (typeof PEERS)[number];

const PAGE = '<!doctype html><title>Recording</title><script>globalThis.load = (address) => import(address)</script>';
const PAGE_TIMEOUT_MS = 240_000;

/** To be counted up when recordings change. */
const RECORDER = 1;
const { devDependencies: VERSIONS_OF } = packageJson;
const VERSIONS: Readonly<Record<Peer, string>> = {
  'ort-webgpu': VERSIONS_OF['onnxruntime-web'],
  tfjs: VERSIONS_OF['@tensorflow/tfjs-backend-webgpu'],
  litert: VERSIONS_OF['@litertjs/core'],
};

/** Bundles that an engine's makers ship, which it asks for by names of its own. */
const FOLDERS = new Map([
  ['/onnxruntime-web/', 'node_modules/onnxruntime-web/dist'],
  ['/litert/', 'node_modules/@litertjs/core/wasm'],
]);

/** Names a recording: another network, another version of an engine or another way to record makes another. */
function fileOf(peer: Peer, { name, files }: BenchNetwork): string {
  const hash = createHash('sha256').update(JSON.stringify([RECORDER, VERSIONS[peer]]));
  for (const kind of ENGINES[peer].reads) hash.update(files[kind] ?? '');
  return `${name}-${peer}-${hash.digest('hex').slice(0, 12)}.json`;
}

/**
 * A steady frame of each peer on each network that it reads, in the benchmark's own pages, on an adapter that says it is
 * `chip`.
 *
 * @param kept a folder of recordings that were made before, which are not made again; new ones are left there
 */
export async function recordPeers(
  networks: readonly BenchNetwork[],
  chip: AdapterInfo,
  kept: string,
  onProgress: (line: string) => void,
): Promise<Recording[]> {
  mkdirSync(kept, { recursive: true });
  const pages = await buildPages(['compilers/peers/page', ...PEERS.map((peer) => `engines/${peer}`)]);
  const files = new Map<string, Uint8Array | string>([...pages, ['/record.html', PAGE], ...networks.flatMap(filesOf)]);
  const server = await serve(files, FOLDERS, '/cold');
  const recordings: Recording[] = [];
  const chromium = new Chromium();
  try {
    for (const network of networks) {
      const able = PEERS.filter((peer) => ENGINES[peer].reads.some((kind) => network.files[kind] !== undefined));
      for (const peer of able) {
        try {
          const path = join(kept, fileOf(peer, network));
          const recording: Recording = existsSync(path)
            ? JSON.parse(readFileSync(path, 'utf8'))
            : await chromium.inPage((page) => recordIn(page, server.url, peer, network, chip));
          writeFileSync(path, JSON.stringify(recording));
          const { dispatches, passes, submits } = recording;
          onProgress(`${network.name}, ${peer}: ${dispatches.length} launches, ${passes} passes, ${submits} submits`);
          recordings.push(recording);
        } catch (error) {
          onProgress(`${network.name}, ${peer}: ${error instanceof Error ? error.message : error}`);
        }
      }
    }
  } finally {
    await chromium.close();
    server.close();
  }
  return recordings;
}

/** One browser for all recordings: nothing is timed. After a failure there is a new one. */
class Chromium {
  #browser: Promise<Browser> | undefined;

  async inPage<T>(work: (page: Page) => Promise<T>): Promise<T> {
    this.#browser ??= launch('chromium').then(({ browser }) => browser);
    let timer: NodeJS.Timeout | undefined;
    try {
      const page = await (await this.#browser).newPage();
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no frame within ${PAGE_TIMEOUT_MS / 1000} s`)), PAGE_TIMEOUT_MS);
      });
      const result = await Promise.race([work(page), late]);
      await page.close();
      return result;
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    const browser = this.#browser;
    this.#browser = undefined;
    await (await browser)?.close();
  }
}

async function recordIn(
  page: Page,
  url: string,
  peer: Peer,
  network: BenchNetwork,
  chip: AdapterInfo,
): Promise<Recording> {
  await page.goto(`${url}/record.html`);
  return page.evaluate(
    async (engine, job, info) => {
      const { record } = await load<typeof PageModule>('/compilers/peers/page.js');
      return record(engine, job, info);
    },
    peer,
    jobOf(network),
    chip,
  );
}
