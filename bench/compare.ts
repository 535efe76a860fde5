import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'puppeteer-core';
import type { Precision } from '../src/gpu/plan';
import { launch } from '../tools/browsers.mjs';
import { buildPages } from './build';
import { ENGINES, type EngineName } from './engines/engine';
import type * as GrowthModule from './growth';
import { COLD, filesOf, GROWTH_WEIGHTS, jobOf } from './jobs';
import { type BenchNetwork, KNOWN_NETWORKS, loadNetwork, NETWORK_NAMES } from './networks';
import { COMMON_OPTIONS, chosen, HARDWARE, roundsOf, type Sizes, SOFTWARE } from './options';
import type * as PageModule from './page';
import { cpuMsOfTree } from './process-cpu';
import { disagreement, type Row, type Sample, summarise, TOLERANCE } from './report';
import type * as RooflineModule from './roofline';
import { type BenchServer, serve } from './server';
import { writeReport } from './write-report';

const HELP = `npm run bench -- [options]: prints a table and, of all networks and engines, writes bench/results/<adapter>.json
  --networks a,b   of ${KNOWN_NETWORKS.join(', ')}
  --engines a,b    of ${Object.keys(ENGINES).join(', ')}
  --rounds n       how often each pair gets a fresh browser (${SOFTWARE.rounds} on a software adapter, else ${HARDWARE.rounds})
  --precision f16  numbers stored in half precision, by the engines that do
  --full           whole inputs and ${HARDWARE.rounds} rounds on a software adapter too, however long it takes
  --native         Fovea alone, on the adapter of Dawn in Node (FOVEA_ADAPTER=default, swiftshader or lavapipe)`;

/** The benchmark gives up a page that takes longer to answer. */
const PAGE_TIMEOUT_MS = 240_000;

/** The page imports modules itself: Vite would rewrite an import within a function that is handed to the page. */
const PAGE = '<!doctype html><title>Benchmark</title><script>globalThis.load = (address) => import(address)</script>';
declare global {
  function load<T>(address: string): Promise<T>;
}

const began = performance.now();
const { values: options } = parseArgs({
  options: {
    ...COMMON_OPTIONS,
    engines: { type: 'string', default: Object.keys(ENGINES).join() },
    precision: { type: 'string', default: 'f32' },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const engines = chosen(options.engines, Object.keys(ENGINES) as EngineName[]);
  const names = options.networks === undefined ? NETWORK_NAMES : chosen(options.networks, KNOWN_NETWORKS);
  const pages = await buildPages(['page', 'roofline', 'growth', ...engines.map((engine) => `engines/${engine}`)]);
  const weights = readFileSync(resolve('weights/segmenter.safetensors'));
  const files = new Map<string, Uint8Array | string>([...pages, ['/bench.html', PAGE], [GROWTH_WEIGHTS, weights]]);
  const server = await serve(files, foldersOf(engines), COLD);
  try {
    await new Bench(server).run(names, engines);
  } finally {
    server.close();
  }
}

/** Folders with an engine's own files, which it downloads under its own names. */
const FOLDERS: Readonly<Partial<Record<EngineName, readonly [prefix: string, folder: string]>>> = {
  'ort-webgpu': ['/onnxruntime-web/', 'node_modules/onnxruntime-web/dist'],
  'ort-wasm': ['/onnxruntime-web/', 'node_modules/onnxruntime-web/dist'],
  litert: ['/litert/', 'node_modules/@litertjs/core/wasm'],
};

const foldersOf = (engines: readonly EngineName[]): Map<string, string> =>
  new Map(engines.flatMap((engine) => (FOLDERS[engine] ? [FOLDERS[engine]] : [])));

const [precision] = chosen<Precision>(options.precision, ['f32', 'f16']);

const canRun = (engine: EngineName, { files }: BenchNetwork): boolean =>
  ENGINES[engine].reads.some((kind) => files[kind] !== undefined) &&
  (precision === 'f32' || 'float16' in ENGINES[engine]);

const NO_ROOFLINE: RooflineModule.Roofline = {
  multiplyAddsPerSecond: Number.NaN,
  bytesPerSecond: Number.NaN,
  launchMs: Number.NaN,
  layers: [],
  convolutionShare: {},
};

class Bench {
  /** By network, then engine. */
  readonly #samples = new Map<string, Map<EngineName, Sample[]>>();
  /** The answers of the first engine, by network. */
  readonly #answers = new Map<string, PageModule.Measured['answers']>();
  #problems = 0;

  constructor(private readonly server: BenchServer) {}

  async run(names: readonly string[], engines: readonly EngineName[]): Promise<void> {
    const adapter = await this.#inPage((page) =>
      page.evaluate(async () => (await load<typeof RooflineModule>('/roofline.js')).nameAdapter()),
    );
    const sizes = adapter.software && !options.full ? SOFTWARE : HARDWARE;
    const { steady } = adapter.software ? SOFTWARE : HARDWARE;
    if (precision === 'f16' && !adapter.shaderF16) throw new Error(`${adapter.name} has no float16`);
    const rounds = roundsOf(options.rounds, sizes);
    const networks = names.flatMap((name) => loadNetwork(name, sizes.mostSide) ?? []);
    // The roofline runs Fovea alone, so there is time for whole inputs.
    const whole = names.flatMap((name) => loadNetwork(name) ?? []);
    this.server.add([...whole, ...networks].flatMap(filesOf));
    const pairs = networks.flatMap((network) =>
      engines.filter((engine) => canRun(engine, network)).map((engine) => ({ network, engine })),
    );
    console.log(`${adapter.name}, ${availableParallelism()} cores: ${rounds} rounds of ${pairs.length} pairs`);
    for (const { network, engine } of pairs) await this.#sample(network, engine, steady, true);
    // Measurements that happen once come first: repeats end when the time is up.
    const roofline = await this.#orElse('roofline', NO_ROOFLINE, () => this.#roofline(whole));
    const growth = names.includes('segmenter') ? await this.#orElse('growth', [], () => this.#growth()) : [];
    for (let round = 1; round < rounds; round++) await this.#again(pairs, steady, sizes);
    const report = {
      date: new Date().toISOString(),
      adapter: adapter.name,
      software: adapter.software,
      rows: this.#rows(),
      roofline,
      growth,
    };
    const isUsual = options.networks === undefined && precision === 'f32';
    writeReport(report, isUsual && engines.length === Object.keys(ENGINES).length);
    console.log(`${((performance.now() - began) / 60_000).toFixed(1)} minutes`);
    if (this.#problems > 0) process.exitCode = 1;
  }

  /** Another round, until the time is up. */
  async #again(
    pairs: readonly { readonly network: BenchNetwork; readonly engine: EngineName }[],
    steady: PageModule.SteadyBounds,
    { lastRepeatMs }: Sizes,
  ): Promise<void> {
    for (const { network, engine } of pairs) {
      const late = performance.now() - began > lastRepeatMs;
      if (late) console.log(`  ${network.name}, ${engine}: no time for another round`);
      else await this.#sample(network, engine, steady, false);
    }
  }

  #rows(): Row[] {
    return [...this.#samples].flatMap(([network, byEngine]) =>
      [...byEngine].map(([engine, samples]) => summarise(network, engine, samples)),
    );
  }

  async #sample(
    network: BenchNetwork,
    engine: EngineName,
    steady: PageModule.SteadyBounds,
    video: boolean,
  ): Promise<void> {
    const job = jobOf(network);
    try {
      const { answers, ...measured } = await this.#inPage((page) =>
        page.evaluate(
          async (module, job) => (await load<typeof PageModule>('/page.js')).measureIn(module, job),
          `/engines/${engine}.js`,
          { ...job, network: { ...job.network, precision }, steady, video },
        ),
      );
      const expected = this.#answers.get(network.name) ?? answers;
      const difference = disagreement(answers, expected, TOLERANCE[precision]);
      if (difference) throw new Error(`answers differ, so that times are not compared: ${difference}`);
      this.#answers.set(network.name, expected);
      const sample = { ...measured, downloadBytes: this.server.downloadedBytes() };
      const byEngine = this.#samples.get(network.name) ?? new Map<EngineName, Sample[]>();
      this.#samples.set(network.name, byEngine.set(engine, [...(byEngine.get(engine) ?? []), sample]));
      const { coldMs, steadyMs, fps, videoSubmits } = sample;
      const shown = fps === undefined ? '' : `; video ${fps.toPrecision(2)} frames/s, ${videoSubmits} submits each`;
      console.log(
        `  ${network.name}, ${engine}: cold ${coldMs.toFixed(0)} ms, then ${steadyMs[0].toFixed(1)} ms${shown}`,
      );
    } catch (error) {
      this.#failed(`${network.name}, ${engine}`, error);
    }
  }

  /** Runs a further measurement. If it fails, the measurements of the engines are still reported. */
  async #orElse<T>(what: string, otherwise: T, measure: () => Promise<T>): Promise<T> {
    try {
      return await measure();
    } catch (error) {
      this.#failed(what, error);
      return otherwise;
    }
  }

  #failed(what: string, error: unknown): void {
    this.#problems++;
    console.error(`  ${what}: ${error instanceof Error ? error.message : error}`);
  }

  #roofline(networks: readonly BenchNetwork[]): Promise<RooflineModule.Roofline> {
    return this.#inPage((page) =>
      page.evaluate(
        async (jobs) => (await load<typeof RooflineModule>('/roofline.js')).measureRoofline(jobs),
        networks.map((network) => jobOf(network)),
      ),
    );
  }

  #growth(): Promise<GrowthModule.Growth[]> {
    return this.#inPage((page) =>
      page.evaluate(
        async (weights) => (await load<typeof GrowthModule>('/growth.js')).measureGrowth(weights),
        GROWTH_WEIGHTS,
      ),
    );
  }

  /** Runs in a fresh browser: pages of one browser share a GPU process, with its caches and unfinished work. */
  async #inPage<T>(work: (page: Page) => Promise<T>): Promise<T> {
    const { browser } = await launch('chromium');
    let timer: NodeJS.Timeout | undefined;
    try {
      const page = await browser.newPage();
      page.on('pageerror', (error) => console.error(`  page: ${error}`));
      const { pid } = browser.process()!;
      await page.exposeFunction('readCpuMs', () => cpuMsOfTree(pid!));
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
}

if (options.help) console.log(HELP);
else if (options.native) await import('./native');
else await main();
