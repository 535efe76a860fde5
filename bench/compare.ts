import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'puppeteer-core';
import { launch } from '../tools/browsers.mjs';
import { buildPages } from './build';
import { ENGINES, type EngineName, type NetworkJob } from './engines/engine';
import { type BenchNetwork, loadNetwork, NETWORK_NAMES } from './networks';
import type * as PageModule from './page';
import { disagreement, fileNameOf, type Report, type Sample, summarise, table } from './report';
import type * as RooflineModule from './roofline';
import { type BenchServer, serve } from './server';
import { convolutionShares, slowest } from './shares';

const HELP = `npm run bench -- [options]
  --networks a,b   of ${NETWORK_NAMES.join(', ')}
  --engines a,b    of ${Object.keys(ENGINES).join(', ')}
  --rounds n       how often each pair gets a fresh browser (1 on a software adapter, else 3)
  --full           all networks and 3 rounds on a software adapter too, however long it takes`;

/** What fits into ten minutes where the CPU computes everything. */
const SOFTWARE = {
  networks: ['classifier', 'detector', 'segmenter', 'mobilenet-v1-0.25'],
  rounds: 1,
  steady: { leastRuns: 3, leastMs: 1500, mostRuns: 30 },
  /** No page is opened later. */
  lastPageMs: 8.5 * 60_000,
};
const HARDWARE = {
  networks: NETWORK_NAMES,
  rounds: 3,
  steady: { leastRuns: 30, leastMs: 1500, mostRuns: 500 },
  lastPageMs: Number.POSITIVE_INFINITY,
};
/** Of the largest magnitude of an output: sums in another order; for the twin with float16 weights what those round. */
const TOLERANCE: Readonly<Partial<Record<EngineName, number>>> = { litert: 2e-2 };
const DEFAULT_TOLERANCE = 1e-3;
/** A page that answers no sooner is given up. */
const PAGE_TIMEOUT_MS = 240_000;

/** Modules are imported by the page itself: what is handed to it as a function went through Vite, which rewrites imports. */
const PAGE = '<!doctype html><title>Benchmark</title><script>globalThis.load = (address) => import(address)</script>';
declare global {
  function load<T>(address: string): Promise<T>;
}

const began = performance.now();
const { values: options } = parseArgs({
  options: {
    networks: { type: 'string' },
    engines: { type: 'string', default: Object.keys(ENGINES).join() },
    rounds: { type: 'string' },
    full: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
async function main(): Promise<void> {
  const engines = chosen(options.engines, Object.keys(ENGINES) as EngineName[]);
  const asked = options.networks === undefined ? NETWORK_NAMES : chosen(options.networks, NETWORK_NAMES);
  const networks = asked.flatMap((name) => loadNetwork(name) ?? []);
  const pages = await buildPages(['page', 'roofline', ...engines.map((engine) => `engines/${engine}`)]);
  const files = new Map([...pages, ...networks.flatMap(filesOf), ['/bench.html', PAGE]]);
  const folders = {
    '/onnxruntime-web/': resolve('node_modules/onnxruntime-web/dist/'),
    '/litert/': resolve('node_modules/@litertjs/core/wasm/'),
  };
  const server = await serve(files, withSlashes(folders), '/cold');
  try {
    await new Bench(server).run(networks, engines);
  } finally {
    server.close();
  }
}

const withSlashes = (folders: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(folders).map(([prefix, path]) => [prefix, join(path, '/')]));

/** @throws Error naming what is not known */
function chosen<T extends string>(list: string, known: readonly T[]): T[] {
  return list.split(',').map((name) => {
    const found = known.find((other) => other === name);
    if (!found) throw new Error(`"${name}" is not one of ${known.join(', ')}`);
    return found;
  });
}

const addressOf = (network: BenchNetwork, file: string): string => `/networks/${network.name}.${file}`;

function filesOf(network: BenchNetwork): [string, Uint8Array][] {
  const { buffer, byteOffset, byteLength } = network.input.tensor.data;
  return [
    [addressOf(network, 'input'), new Uint8Array(buffer, byteOffset, byteLength)],
    ...Object.entries(network.files).map(([kind, bytes]): [string, Uint8Array] => [addressOf(network, kind), bytes]),
  ];
}

function jobOf(network: BenchNetwork): NetworkJob {
  const { name, input, outputs, files } = network;
  const kinds = Object.keys(files).map((kind) => [kind, addressOf(network, kind)]);
  return { name, input: { name: input.name, shape: input.tensor.shape }, outputs, files: Object.fromEntries(kinds) };
}

const canRun = (engine: EngineName, { files }: BenchNetwork): boolean =>
  ENGINES[engine].reads.some((kind) => files[kind] !== undefined);

class Bench {
  /** By network, then engine. */
  readonly #samples = new Map<string, Map<EngineName, Sample[]>>();
  readonly #answers = new Map<string, readonly (readonly number[])[]>();
  #problems = 0;

  constructor(private readonly server: BenchServer) {}

  async run(loaded: readonly BenchNetwork[], engines: readonly EngineName[]): Promise<void> {
    const { adapter, bounds } = await this.#inPage((page) =>
      page.evaluate(async () => (await load<typeof RooflineModule>('/roofline.js')).measureBounds()),
    );
    const sizes = adapter.software && !options.full ? SOFTWARE : HARDWARE;
    const networks = options.networks ? loaded : loaded.filter(({ name }) => sizes.networks.includes(name));
    const rounds = options.rounds === undefined ? sizes.rounds : Number(options.rounds);
    const steady = adapter.software ? SOFTWARE.steady : HARDWARE.steady;
    console.log(`${adapter.name}, ${availableParallelism()} cores: ${rounds} rounds of ${networks.length} networks`);
    for (let round = 0; round < rounds; round++) {
      for (const network of networks) {
        for (const engine of engines.filter((name) => canRun(name, network))) {
          if (performance.now() - began > sizes.lastPageMs) this.#complain(`${network.name}, ${engine}: no time left`);
          else await this.#sample(network, engine, steady);
        }
      }
    }
    const layers = await this.#layers(networks, bounds);
    const rows = [...this.#samples].flatMap(([network, byEngine]) =>
      [...byEngine].map(([engine, samples]) => summarise(network, engine, samples)),
    );
    const roofline = { ...bounds, layers, convolutionShare: convolutionShares(layers) };
    const { name, software } = adapter;
    this.#write({ date: new Date().toISOString(), adapter: name, software, rows, roofline });
  }

  async #sample(network: BenchNetwork, engine: EngineName, steady: PageModule.SteadyBounds): Promise<void> {
    const job = {
      engine: `/engines/${engine}.js`,
      network: jobOf(network),
      input: addressOf(network, 'input'),
      steady,
    };
    try {
      const { answers, ...measured } = await this.#inPage((page) =>
        page.evaluate(async (what) => (await load<typeof PageModule>('/page.js')).measure(what), job),
      );
      const expected = this.#answers.get(network.name) ?? answers;
      const difference = disagreement(answers, expected, TOLERANCE[engine] ?? DEFAULT_TOLERANCE);
      if (difference) throw new Error(`answers differ, so that times are not compared: ${difference}`);
      this.#answers.set(network.name, expected);
      const sample = { ...measured, downloadBytes: this.server.downloadedBytes() };
      const byEngine = this.#samples.get(network.name) ?? new Map<EngineName, Sample[]>();
      this.#samples.set(network.name, byEngine.set(engine, [...(byEngine.get(engine) ?? []), sample]));
      const { coldMs, steadyMs } = sample;
      console.log(`  ${network.name}, ${engine}: cold ${coldMs.toFixed(0)} ms, then ${steadyMs[0].toFixed(1)} ms`);
    } catch (error) {
      this.#complain(`${network.name}, ${engine}: ${error instanceof Error ? error.message : error}`);
    }
  }

  async #layers(
    networks: readonly BenchNetwork[],
    bounds: RooflineModule.Bounds,
  ): Promise<RooflineModule.LayerShare[]> {
    const layers: RooflineModule.LayerShare[] = [];
    for (const network of networks) {
      const own = await this.#inPage((page) =>
        page.evaluate(
          async (job, input, limits) =>
            (await load<typeof RooflineModule>('/roofline.js')).layerShares(job, input, limits),
          jobOf(network),
          addressOf(network, 'input'),
          bounds,
        ),
      );
      layers.push(...own);
    }
    return layers;
  }

  /** In a fresh browser: pages of one share a process for the GPU, with its caches, and with work that was given up. */
  async #inPage<T>(work: (page: Page) => Promise<T>): Promise<T> {
    const { browser } = await launch('chromium');
    let timer: NodeJS.Timeout | undefined;
    try {
      const page = await browser.newPage();
      page.on('pageerror', (error) => console.error(`  page: ${error}`));
      await page.goto(`${this.server.url}/bench.html`);
      const late = new Promise<never>((_, reject) => {
        const give = (): void => reject(new Error(`no answer within ${PAGE_TIMEOUT_MS / 1000} s`));
        timer = setTimeout(give, PAGE_TIMEOUT_MS);
      });
      return await Promise.race([work(page), late]);
    } finally {
      clearTimeout(timer);
      await browser.close();
    }
  }

  #complain(problem: string): void {
    this.#problems++;
    console.error(`  ${problem}`);
  }

  #write(report: Report): void {
    const { roofline } = report;
    console.log(`\n${table(report)}\n`);
    console.log(
      `roofline: ${(roofline.multiplyAddsPerSecond / 1e9).toFixed(1)} G multiply-adds/s, ` +
        `${(roofline.bytesPerSecond / 1e9).toFixed(1)} GB/s, ${(roofline.launchMs * 1000).toFixed(1)} µs per launch`,
    );
    for (const [network, share] of Object.entries(roofline.convolutionShare)) {
      console.log(`\n${network}: convolutions at ${(100 * share).toFixed(0)} % of the roofline; slowest layers:`);
      console.log(
        slowest(
          roofline.layers.filter((layer) => layer.network === network),
          8,
        ),
      );
    }
    const folder = resolve('bench/results');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, fileNameOf(report.adapter));
    writeFileSync(path, `${JSON.stringify(report, null, 1)}\n`);
    console.log(`\nwritten to ${path}`);
    if (this.#problems > 0) process.exitCode = 1;
  }
}

if (options.help) console.log(HELP);
else await main();
