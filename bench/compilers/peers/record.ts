import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** Bundles that an engine's makers ship, which it asks for by names of its own. */
const FOLDERS = new Map([
  ['/onnxruntime-web/', 'node_modules/onnxruntime-web/dist'],
  ['/litert/', 'node_modules/@litertjs/core/wasm'],
]);

/**
 * A steady frame of each peer on each network that it reads, in the benchmark's own pages, on an adapter that says it is
 * `chip`.
 *
 * @param kept a folder of recordings that were made before, which are not made again; new ones are left there
 */
export async function recordPeers(
  networks: readonly BenchNetwork[],
  chip: AdapterInfo,
  kept: string | undefined,
  onProgress: (line: string) => void,
): Promise<Recording[]> {
  if (kept) mkdirSync(kept, { recursive: true });
  const pages = await buildPages(['compilers/peers/page', ...PEERS.map((peer) => `engines/${peer}`)]);
  const files = new Map<string, Uint8Array | string>([...pages, ['/record.html', PAGE], ...networks.flatMap(filesOf)]);
  const server = await serve(files, FOLDERS, '/cold');
  const recordings: Recording[] = [];
  try {
    for (const network of networks) {
      const able = PEERS.filter((peer) => ENGINES[peer].reads.some((kind) => network.files[kind] !== undefined));
      for (const peer of able) {
        try {
          const path = kept && join(kept, `${network.name}-${peer}.json`);
          const recording: Recording =
            path && existsSync(path)
              ? JSON.parse(readFileSync(path, 'utf8'))
              : await recordOne(server.url, peer, network, chip);
          if (path) writeFileSync(path, JSON.stringify(recording));
          const { dispatches, passes, submits } = recording;
          onProgress(`${network.name}, ${peer}: ${dispatches.length} launches, ${passes} passes, ${submits} submits`);
          recordings.push(recording);
        } catch (error) {
          onProgress(`${network.name}, ${peer}: ${error instanceof Error ? error.message : error}`);
        }
      }
    }
  } finally {
    server.close();
  }
  return recordings;
}

async function recordOne(url: string, peer: Peer, network: BenchNetwork, chip: AdapterInfo): Promise<Recording> {
  const { browser } = await launch('chromium');
  let timer: NodeJS.Timeout | undefined;
  try {
    const page = await browser.newPage();
    await page.goto(`${url}/record.html`);
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no frame within ${PAGE_TIMEOUT_MS / 1000} s`)), PAGE_TIMEOUT_MS);
    });
    const recording = page.evaluate(
      async (engine, job, info) => {
        const { record } = await load<typeof PageModule>('/compilers/peers/page.js');
        return record(engine, job, info);
      },
      peer,
      jobOf(network),
      chip,
    );
    return await Promise.race([recording, late]);
  } finally {
    clearTimeout(timer);
    await browser.close();
  }
}
