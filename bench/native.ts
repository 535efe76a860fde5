import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createNodeGpu } from '../src/cli/node-gpu';
import { COLD, filesOf, GROWTH_WEIGHTS, jobOf } from './jobs';
import { type BenchNetwork, KNOWN_NETWORKS, loadNetwork, NETWORK_NAMES } from './networks';
import { COMMON_OPTIONS, chosen, HARDWARE, roundsOf, SOFTWARE } from './options';
import { type Sample, summarise } from './report';
import { serve } from './server';
import { writeReport } from './write-report';

/**
 * Measures Fovea on the same networks without a browser, on the adapter that `FOVEA_ADAPTER` names, such as a graphics
 * card or Mesa's software driver. Every sample opens its own device.
 */
async function main(): Promise<void> {
  const { values: options } = parseArgs({ options: COMMON_OPTIONS });
  const names = options.networks === undefined ? NETWORK_NAMES : chosen(options.networks, KNOWN_NETWORKS);
  // Mesa keeps compiled shaders on disk: without them every start is cold.
  process.env.MESA_SHADER_CACHE_DISABLE = 'true';
  const gpu = await createNodeGpu();
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'Node' }, configurable: true });
  // Imported now, as they wrap WebGPU's classes, which were defined just above.
  const { measure } = await import('./page');
  const { measureRoofline, nameAdapter } = await import('./roofline');
  const { measureGrowth } = await import('./growth');
  const { open } = await import('./engines/fovea');

  const adapter = await nameAdapter();
  const sizes = adapter.software && !options.full ? SOFTWARE : HARDWARE;
  const { steady } = adapter.software ? SOFTWARE : HARDWARE;
  const rounds = roundsOf(options.rounds, sizes);
  const networks = names.flatMap((name) => loadNetwork(name, sizes.mostSide) ?? []);
  const whole = names.flatMap((name) => loadNetwork(name) ?? []);
  const files = new Map<string, Uint8Array>([
    ...[...whole, ...networks].flatMap(filesOf),
    [GROWTH_WEIGHTS, readFileSync(resolve('weights/segmenter.safetensors'))],
  ]);
  const server = await serve(files, new Map(), COLD);
  console.log(`${adapter.name}: ${rounds} rounds of ${networks.length} networks`);
  const samples = new Map<BenchNetwork, Sample[]>(networks.map((network) => [network, []]));
  for (let round = 0; round < rounds; round++) {
    for (const network of networks) {
      const job = { ...jobOf(network, server.url), steady, video: false };
      const { answers: _, ...measured } = await measure(async () => open, job, server.url + COLD);
      const sample = { ...measured, downloadBytes: server.downloadedBytes() };
      samples.get(network)!.push(sample);
      console.log(`  ${network.name}: cold ${sample.coldMs.toFixed(0)} ms, then ${sample.steadyMs[0].toFixed(2)} ms`);
    }
  }
  const roofline = await measureRoofline(whole.map((network) => jobOf(network, server.url)));
  const growth = names.includes('segmenter') ? await measureGrowth(server.url + GROWTH_WEIGHTS) : [];
  server.close();
  const report = {
    date: new Date().toISOString(),
    adapter: `${adapter.name} (Dawn in Node)`,
    software: adapter.software,
    rows: [...samples].map(([{ name }, own]) => summarise(name, 'fovea', own)),
    roofline,
    growth,
  };
  writeReport(report, options.networks === undefined);
}

await main();
