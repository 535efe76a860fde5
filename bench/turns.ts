import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseNumber } from '../src/cli/format';
import { ArgumentError } from '../src/errors';
import { graphToOnnx } from '../test/support/graph-to-onnx';
import { shared } from '../test/support/shared';
import { MADE_NETWORKS, NETWORKS, ONNX_NETWORKS, OWN_NETWORKS } from './compilers/networks';
import { loadNetwork } from './networks';
import { chosen } from './options';
import { aligned, median } from './report';
import type { Turn } from './turn';

const ADAPTERS = ['swiftshader', 'lavapipe'] as const;
const RESULTS = 'bench/results';

const HELP = `npm run bench:turns -- --before folder [options]: frames and first answers of this tree's build beside those of the build in
another folder, on a software adapter, in turns, each in a process of its own. First \`npm run build\` in both. Prints the
least and, in brackets, the median time over all rounds, and of all networks writes ${RESULTS}/turns-<adapter>-dawn-in-node.json.
  --adapter a     ${ADAPTERS.join(' or ')} (swiftshader)
  --networks a,b  of ${NETWORKS.join(', ')}
  --rounds n      turns of each build and network (5)`;

const { values: options } = parseArgs({
  options: {
    before: { type: 'string' },
    adapter: { type: 'string', default: 'swiftshader' },
    networks: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    help: { type: 'boolean', default: false },
  },
});

/** Times that a network's two builds are compared by. */
const TIMES = ['firstCpuMs', 'frameCpuMs', 'firstMs', 'frameMs'] as const;
type Spread = { readonly least: number; readonly median: number };

interface Side extends Readonly<Record<(typeof TIMES)[number], Spread>> {
  readonly pipelines: number;
}

interface Row {
  readonly network: string;
  readonly before: Side;
  readonly after: Side;
}

/** The path of a network as ONNX, written to the folder where it is none. */
function fileOf(name: string, folder: string): string | undefined {
  if (name in ONNX_NETWORKS) return shared(`onnx/models/${ONNX_NETWORKS[name]}`);
  const bytes = OWN_NETWORKS.includes(name) ? loadNetwork(name)?.files.onnx : graphToOnnx(MADE_NETWORKS[name]());
  const path = join(folder, `${name}.onnx`);
  if (bytes) writeFileSync(path, bytes);
  return bytes && path;
}

function turn(tree: string, file: string, adapter: string): Turn {
  // Mesa keeps compiled shaders on disk: without them every start is cold.
  const env = { ...process.env, FOVEA_ADAPTER: adapter, MESA_SHADER_CACHE_DISABLE: 'true' };
  const child = spawnSync(process.execPath, ['tools/run-program.mjs', 'bench/turn.ts', tree, file], {
    encoding: 'utf8',
    env,
  });
  if (child.status !== 0) throw new Error(`${file} on ${tree} ended with ${child.status}: ${child.stderr}`);
  return JSON.parse(child.stdout.trim().split('\n').at(-1)!);
}

function summarise(turns: readonly Turn[]): Side {
  const spread = (key: (typeof TIMES)[number]): Spread => {
    const times = turns.map((one) => one[key]);
    return { least: Math.min(...times), median: median(times) };
  };
  const times = Object.fromEntries(TIMES.map((key) => [key, spread(key)])) as Record<(typeof TIMES)[number], Spread>;
  return { pipelines: turns[0].pipelines, ...times };
}

/** A block of lines for the terminal: milliseconds, and this build's over the other's. */
function table(rows: readonly Row[]): string {
  const text = ({ least, median }: Spread): string => `${least.toFixed(0)} (${median.toFixed(0)})`;
  const cells = rows.map(({ network, before, after }) => [
    network,
    String(before.pipelines),
    String(after.pipelines),
    ...TIMES.flatMap((key) => [text(before[key]), text(after[key]), (after[key].least / before[key].least).toFixed(2)]),
  ]);
  const titles = ['first CPU', 'frame CPU', 'first', 'frame'].flatMap((title) => [title, 'after', 'ratio']);
  return aligned([['CPU and wall ms', 'pipelines', 'after', ...titles], ...cells]).join('\n');
}

function main(before: string, adapter: string, names: readonly string[], rounds: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-turns-'));
  try {
    const rows: Row[] = [];
    for (const network of names) {
      const file = fileOf(network, folder);
      if (!file) continue;
      const trees = [before, '.'];
      const turns = new Map<string, Turn[]>(trees.map((tree) => [tree, []]));
      for (let round = 0; round < rounds; round++) {
        // Each build goes first in every other round.
        for (const tree of round % 2 === 0 ? trees : trees.toReversed()) {
          turns.get(tree)!.push(turn(tree, file, adapter));
        }
      }
      rows.push({ network, before: summarise(turns.get(before)!), after: summarise(turns.get('.')!) });
      console.log(table(rows.slice(-1)));
    }
    console.log(`\n${adapter}, ${rounds} turns each; least, and the median in brackets\n${table(rows)}`);
    if (options.networks !== undefined) return;
    const path = join(RESULTS, `turns-${adapter}-dawn-in-node.json`);
    mkdirSync(RESULTS, { recursive: true });
    writeFileSync(path, `${JSON.stringify({ date: new Date().toISOString(), adapter, rounds, rows }, null, 1)}\n`);
    console.log(`\nwritten to ${path}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @throws ArgumentError */
function builtFolder(option: string, folder: string): string {
  if (existsSync(resolve(folder, 'dist/fovea.js'))) return folder;
  throw new ArgumentError(`no build in ${option} "${folder}": there is no dist/fovea.js`);
}

if (options.help) console.log(HELP);
else {
  if (options.before === undefined) throw new ArgumentError('--before must name the folder of another build');
  const rounds = parseNumber('rounds', options.rounds, { integer: true, least: 1 });
  const [adapter] = chosen(options.adapter, ADAPTERS);
  const names = options.networks === undefined ? NETWORKS : chosen(options.networks, NETWORKS);
  const before = builtFolder('--before', options.before);
  builtFolder('this tree', '.');
  main(before, adapter, names, rounds);
}
