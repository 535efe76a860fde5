import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseNumber } from '../../src/cli/format';
import type { Precision } from '../../src/gpu/plan';
import { KNOWN_NETWORKS } from '../networks';
import { chosen } from '../options';
import { type Analysis, analyse, betterCandidates, spills } from './analyse';
import { CHIP_NAMES, type ChipName } from './chips';
import type { Collected, CollectJob } from './collect';
import { comparisonTable, regressions } from './compare';
import { runBefore } from './driver';
import { LAUNCH_US } from './model';
import { NETWORKS } from './networks';
import { RESULTS, readReport, writePeers, writeReport } from './results';
import { candidateTable, codeText, columns, dispatchTable, networkTable, remarks, spillTable } from './tables';
import type { TryJob } from './try-shader';

/** A minute a network and chip, so that they are worth keeping. */
const RECORDINGS = join(homedir(), '.cache', 'fovea-recordings');

const HELP = `npm run bench:compilers -- [options]: what AMD's and Intel's compilers make of the kernels that networks
choose there, and how long a model thinks that a GPU would take. No GPU runs. Of all networks, in the usual way, it
writes ${RESULTS}/compilers-<chip>.json.
  --chip a,b         of ${CHIP_NAMES.join(', ')}
  --network a,b      of ${NETWORKS.join(', ')}, or paths of ONNX files
  --plan             every dispatch
  --slowest n        the n slowest dispatches of each network
  --candidates       compile every candidate, and say where another than the default is faster by the model
  --compare          beside the results in ${RESULTS}, or in --before folder
  --check            fail where a default kernel spills more than in ${RESULTS}, or a total has grown
  --out folder       write results there
  --precision f16    numbers stored in half precision
  --subgroup n       a subgroup size in place of the one that Dawn asks for; 0 leaves it to the driver

npm run bench:compilers -- --peers [--chip a,b] [--network a,b] [--recordings folder]: a frame of each other engine,
recorded in the benchmark's pages, or before and left in the folder (${RECORDINGS}), through the same compilers and
model; writes ${RESULTS}/compilers-peers-<chip>.json, in which rows of networks that were not named stay

npm run bench:compilers -- try <shader.wgsl> [NAME=value …] [--chip a,b] [--subgroup n] [--assembly]: one shader`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    chip: { type: 'string', default: CHIP_NAMES.join() },
    network: { type: 'string' },
    plan: { type: 'boolean', default: false },
    slowest: { type: 'string' },
    candidates: { type: 'boolean', default: false },
    compare: { type: 'boolean', default: false },
    before: { type: 'string', default: RESULTS },
    check: { type: 'boolean', default: false },
    out: { type: 'string' },
    precision: { type: 'string', default: 'f32' },
    subgroup: { type: 'string' },
    recordings: { type: 'string', default: RECORDINGS },
    peers: { type: 'boolean', default: false },
    assembly: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const chips = chosen(options.chip, CHIP_NAMES);
const subgroup =
  options.subgroup === undefined ? undefined : parseNumber('subgroup', options.subgroup, { integer: true, least: 0 });

async function analyseNetworks(chip: ChipName, networks: readonly string[]): Promise<Analysis> {
  const [precision] = chosen<Precision>(options.precision, ['f32', 'f16']);
  const job = { networks, precision, candidates: options.candidates };
  const { result, codes } = await runBefore<CollectJob, Collected>(chip, 'bench/compilers/collect.ts', job, {
    subgroup,
  });
  return analyse(chip, { precision, subgroup }, result.dispatches, codes);
}

function show({ report, priced, ...analysis }: Analysis): void {
  console.log(`\n${networkTable(report)}\n\n${spillTable(report)}`);
  for (const remark of remarks({ report, priced, ...analysis })) console.log(remark);
  const slowest =
    options.slowest === undefined ? 0 : parseNumber('slowest', options.slowest, { integer: true, least: 1 });
  for (const name of options.plan || slowest > 0 ? Object.keys(report.networks) : []) {
    const own = priced.filter(({ dispatch }) => dispatch.network === name && dispatch.chosen);
    const shown = options.plan ? own : [...own].sort((a, b) => b.cost.us - a.cost.us).slice(0, slowest);
    console.log(`\n${report.chip}, ${name}${options.plan ? '' : ', the slowest'}:\n${dispatchTable(shown)}`);
  }
  if (options.candidates) console.log(`\n${report.chip}:\n${candidateTable(betterCandidates(priced))}`);
}

async function runNetworks(): Promise<void> {
  const names = options.network?.split(',') ?? NETWORKS;
  const networks = names.every((name) => name.endsWith('.onnx')) ? names : chosen(names.join(), NETWORKS);
  const isUsual = networks.length === NETWORKS.length && options.precision === 'f32' && subgroup === undefined;
  const problems: string[] = [];
  for (const chip of chips) {
    const analysis = await analyseNetworks(chip, networks);
    const { report } = analysis;
    show(analysis);
    const before = options.compare || options.check ? readReport(options.before, chip) : undefined;
    if (before) console.log(`\n${comparisonTable(before, report)}`);
    if (options.check) {
      if (!before) throw new Error(`${RESULTS} has no report of ${chip} to check against`);
      const known = before.pipelines.filter(spills).length;
      if (known > 0)
        console.log(`${chip}: ${known} pipelines are known to spill; the check fails on others, and on more of it`);
      problems.push(...regressions(before, report));
    }
    if (options.check || analysis.withoutPipeline.length > 0) problems.push(...remarks(analysis));
    // Figures that leave dispatches out are nobody's result.
    const isWhole = analysis.withoutPipeline.length === 0;
    const isComplete = isWhole && isUsual && !options.check && Object.keys(report.networks).length === NETWORKS.length;
    const folder = options.out ?? (isComplete && !options.compare ? RESULTS : undefined);
    if (folder) console.log(`written to ${writeReport(folder, report)}`);
  }
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

async function tryShader([shader, ...words]: readonly string[]): Promise<void> {
  if (!shader) throw new Error(`try needs a shader; ${HELP}`);
  const constants = words.map((word): [string, number] => {
    const [, name, value] = /^(\w+)=(.+)$/.exec(word) ?? [];
    if (!name) throw new Error(`a constant is NAME=value, got "${word}"`);
    return [name, value === 'true' || value === 'false' ? Number(value === 'true') : parseNumber(name, value)];
  });
  for (const chip of chips) {
    const job = { shader, constants: Object.fromEntries(constants) };
    const { codes, assemblies } = await runBefore<TryJob, null>(chip, 'bench/compilers/try-shader.ts', job, {
      subgroup,
    });
    for (const code of codes) console.log(`${chip}: ${codeText(code)}`);
    if (options.assembly) console.log(assemblies.join('\n'));
  }
}

async function runPeers(): Promise<void> {
  const { comparePeers, PEER_NETWORKS, peerTable } = await import('./peers/peers');
  const { readPeers, summary } = await import('./peers/summary');
  const networks = options.network === undefined ? PEER_NETWORKS : chosen(options.network, KNOWN_NETWORKS);
  const folder = options.out ?? RESULTS;
  for (const chip of chips) {
    const compared = await comparePeers(chip, networks, options.recordings, (line) => console.log(`${chip}: ${line}`));
    console.log(`\nmodelled, ${LAUNCH_US} µs a launch:\n${columns(peerTable(chip, compared))}\n`);
    const known = readPeers(folder).find((report) => report.chip === chip)?.rows ?? [];
    const rows = [...known.filter(({ network }) => !networks.includes(network)), ...compared];
    const rowsOf = (network: string) => rows.filter((row) => row.network === network);
    const isWhole = [...networks, ...PEER_NETWORKS].every((network) => rowsOf(network).length > 0);
    if (isWhole) console.log(`written to ${writePeers(folder, chip, PEER_NETWORKS.flatMap(rowsOf))}`);
  }
  console.log(`\nthe fastest peer on all chips in ${folder}:\n${summary(readPeers(folder))}`);
}

if (options.help) console.log(HELP);
else if (positionals[0] === 'try') await tryShader(positionals.slice(1));
else if (options.peers) await runPeers();
else await runNetworks();
