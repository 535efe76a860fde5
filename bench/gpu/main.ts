import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseNumber } from '../../src/cli/format';
import type { ChipReport } from '../compilers/analyse';
import { COLD, filesOf } from '../jobs';
import { KNOWN_NETWORKS, loadNetwork, NETWORK_NAMES } from '../networks';
import { chosen } from '../options';
import { serve } from '../server';
import { chipOfAdapter } from './chip-of-adapter';
import { brokenVariants, framesTable, modelledLayers, modelTable, wrongDefaults, wrongDefaultTable } from './findings';
import { leftOut } from './left-out';
import { openNode } from './node-place';
import { emptyReport, groupsOf } from './parts';
import type { Listener, Place, PlaceName, PlaceReport } from './place';
import { gpuReport, writeGpuReport } from './report';
import { type Ran, runGroups } from './schedule';

const PLACES = ['node', 'chrome'] as const satisfies readonly PlaceName[];
const RESULTS = 'bench/results';
const DEFAULT_MINUTES = 11.5;
const NETWORKS: readonly string[] = [...NETWORK_NAMES, 'mobilenet-v2'];
const ROWS_SHOWN = 25;

const HELP = `npm run bench:gpu -- [options]: all that is to be known of a GPU, unattended, in under twelve minutes. In Node, and in
Chrome or Chromium where there is one: the adapter and its limits, the costs of launches and submissions, the roofline,
kernel cases, every network by default and tuned in float32 and float16, every variant of every kernel over the
networks' shapes. Writes ${RESULTS}/<adapter>.json, which the page shows, and says where defaults were wrong and, on a
chip that bench:compilers models, where the model was. Every group of parts has its share of the time and is cut off at
its end; the file and the last lines list what was left out. A part that fails does not keep the others from running, and
makes the exit code 1.
  --minutes n      the time for all of it (${DEFAULT_MINUTES})
  --in a,b         of ${PLACES.join(', ')} (both)
  --networks a,b   of ${KNOWN_NETWORKS.join(', ')} (${NETWORKS.length} of them)
  --out folder     writes there
  --pack file.mjs  measures nothing: writes a program that does the same in Node, from a checkout of which node_modules
                   holds no more than the package "webgpu": node file.mjs [options]
FOVEA_ADAPTER=default, swiftshader or lavapipe picks Node's adapter.`;

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: String(DEFAULT_MINUTES) },
    in: { type: 'string', default: PLACES.join() },
    networks: { type: 'string', default: NETWORKS.join() },
    out: { type: 'string', default: RESULTS },
    pack: { type: 'string' },
    // For this program itself: it measures, and is asked by another process.
    child: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const began = performance.now();
const say = (line: string): void => {
  const seconds = ((performance.now() - began) / 1000).toFixed(0).padStart(4);
  console.log(`${seconds} s  ${line}`);
};

async function main(): Promise<void> {
  const minutes = parseNumber('minutes', options.minutes, { least: 0 });
  const wanted = chosen(options.in, PLACES);
  const networks = chosen(options.networks, KNOWN_NETWORKS).flatMap((name) => loadNetwork(name) ?? []);
  const server = await serve(new Map(networks.flatMap(filesOf)), new Map(), COLD);
  const problems: string[] = [];
  const problem = (line: string): void => {
    problems.push(line);
    say(`PROBLEM ${line}`);
  };
  const listener: Listener = { say, problem };
  const openers: Readonly<Record<PlaceName, () => Promise<Place>>> = {
    node: () => openNode(server.url, listener),
    // Loaded now: a packed program has neither a bundler nor a browser's driver.
    chrome: async () => (await import('./chrome-place')).openChrome(server, listener),
  };
  const reports: Partial<Record<PlaceName, PlaceReport>> = {};
  const ran: Ran[] = [];
  for (const [i, name] of wanted.entries()) {
    let place: Place;
    try {
      place = await openers[name]();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (name === 'chrome' && reports.node) say(`no Chrome or Chromium: ${reason}`);
      else problem(`${name}: ${reason}`);
      continue;
    }
    const report = emptyReport();
    reports[name] = report;
    const leftMs = Math.max(0, minutes * 60_000 - (performance.now() - began));
    const groups = groupsOf(place, networks, report, server.downloadedBytes, listener);
    ran.push(...(await runGroups(groups, leftMs / (wanted.length - i), say)));
    place.close();
  }
  server.close();
  for (const { part, problem: failed } of ran) if (failed !== undefined) problems.push(`${part}: ${failed}`);
  if (reports.node?.description?.adapter.software === false && reports.chrome?.description?.adapter.software) {
    problem('Chromium found no GPU where Node did: its figures are of a software adapter');
  }
  const took = (performance.now() - began) / 60_000;
  const names = networks.map(({ name }) => name);
  const missing = PLACES.flatMap((name) => (reports[name] ? leftOut(name, names, reports[name]) : []));
  const report = gpuReport({ minutes: took, parts: ran, problems, leftOut: missing, places: reports });
  for (const name of PLACES) if (reports[name]) show(name, reports[name]);
  console.log(`\nwritten to ${writeGpuReport(report, options.out)}; ${took.toFixed(1)} minutes`);
  list(`${missing.length} things left out`, missing);
  list(`${problems.length} problems`, problems);
  if (problems.length > 0) process.exitCode = 1;
}

function list(title: string, lines: readonly string[]): void {
  if (lines.length > 0) console.log(`\n${title}:\n${lines.map((line) => `  ${line}`).join('\n')}`);
}

function show(name: PlaceName, { description, bounds, frames, layers, variants }: PlaceReport): void {
  console.log(`\n${name}: ${description?.adapter.name ?? 'unknown adapter'}\n${framesTable(frames)}`);
  const measured = variants.flatMap((report) => report.measured);
  const wrong = wrongDefaults(measured);
  console.log(
    `\n${name}: ${wrong.length} of ${measured.length} defaults are slower than another variant by more than 5 %`,
  );
  if (wrong.length > 0) console.log(wrongDefaultTable(wrong, ROWS_SHOWN));
  for (const line of brokenVariants(measured)) console.log(`  not used: ${line}`);
  const chip = description && bounds && chipOfAdapter(description.adapter, bounds);
  const path = `${RESULTS}/compilers-${chip}.json`;
  if (!chip || !existsSync(path)) {
    console.log(`\n${name}: the adapter is none of the modelled chips`);
    return;
  }
  const model: ChipReport = JSON.parse(readFileSync(path, 'utf8'));
  const both = modelledLayers(model, layers);
  const [modelledUs, measuredUs] = (['modelledUs', 'measuredUs'] as const).map((key) =>
    both.reduce((sum, layer) => sum + layer[key], 0),
  );
  console.log(
    `\n${name}: ${both.length} of ${layers.length} layers are modelled for ${chip} with the same kernel: ` +
      `${modelledUs.toFixed(0)} µs modelled, ${measuredUs.toFixed(0)} measured; the most mistaken:`,
  );
  if (both.length > 0) console.log(modelTable(both, ROWS_SHOWN));
}

if (options.child) await (await import('./node-child')).answerQuestions();
else if (options.help) console.log(HELP);
else if (options.pack !== undefined) await (await import('./pack')).pack(options.pack);
else await main();
