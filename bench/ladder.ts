import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { multiplyAddBound } from '../demo/bounds/bounds';
import {
  gigaflops,
  LADDER_HEADINGS,
  type LadderLayer,
  ladderGraph,
  loadsPerMultiplyAdd,
  planRungs,
  type Rung,
  settingOf,
} from '../demo/lessons/rungs';
import { adapterBlock, replaceBlock, tableOf } from '../docs/lessons/numbers/blocks';
import { createNodeGpu } from '../src/cli/node-gpu';
import { acquireDevice } from '../src/gpu/device';
import { PipelineCache } from '../src/gpu/pipeline-cache';
import { Session } from '../src/gpu/session';
import type { Launch } from '../src/gpu/stopwatch';
import { graphStatistics } from '../src/graph/statistics';
import { Random } from '../test/support/random';
import { CHIP_NAMES } from './compilers/chips';
import { chosen } from './options';
import { time } from './session-time';

const HELP = `npm run bench:ladder: times the rungs of docs/lessons/3-the-ladder.md on the adapter that FOVEA_ADAPTER names
  --print        writes the table to the terminal and leaves the pages as they are
  --chip navi31  what a chip's compiler makes of the rungs, with times by a model; no GPU runs`;

/** Pages with the table, each with its way to the shaders; the rows are written for the first. */
const PAGES = [
  ['docs/lessons/3-the-ladder.md', '../../shaders/'],
  ['shaders/README.md', ''],
] as const;

/** Held here: Dawn stops answering once this object is collected. */
const gpu = await createNodeGpu();

const writeInto = (page: string, name: string, table: string): void =>
  writeFileSync(page, replaceBlock(readFileSync(page, 'utf8'), `ladder: ${name}`, table, page));

/** Times every rung that the adapter can run, and puts the table into the lesson and beside the shaders. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { print: { type: 'boolean', default: false }, chip: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const write = (name: string, table: string): void => {
    if (values.print) console.log(table);
    else for (const [page, way] of PAGES) writeInto(page, name, table.replaceAll(PAGES[0][1], way));
  };
  if (values.chip !== undefined) {
    const { modelledLadder } = await import('./compilers/ladder');
    const [chip] = chosen(values.chip, CHIP_NAMES);
    write(chip, await modelledLadder(chip));
    return;
  }
  const { device, traits, report } = await acquireDevice({ gpu });
  // A software adapter computes on cores that others use too: their time is not in the CPU time.
  const msOf = async (work: Pick<Session, 'device' | 'encode'>): Promise<number> =>
    (await time(work))[report.software ? 'cpuMs' : 'wallMs'];
  const bound = await multiplyAddBound(device, report.software, (launches) =>
    msOf({ device, encode: (encoder) => encodeLaunches(encoder, launches) }),
  );
  const timed = async (layer: LadderLayer): Promise<Map<Rung, readonly [setting: string, ms: number]>> => {
    const graph = ladderGraph(layer);
    const [name] = graph.inputs;
    const x = new Random(1).tensor(graph.values.get(name)!.shape);
    const times = new Map<Rung, readonly [string, number]>();
    for (const [rung, plan] of await planRungs(graph, traits)) {
      const session = await Session.create(device, new PipelineCache(device), plan);
      session.write({ [name]: x });
      times.set(rung, [settingOf(plan), await msOf(session)]);
      session.dispose();
    }
    return times;
  };
  const early = await timed('early');
  const late = await timed('late');
  const { flops } = graphStatistics(ladderGraph('early'));
  const [[, naiveMs]] = early.values();
  const rows = [...early].map(([rung, [setting, ms]]) => [
    `[${rung.kernel}](../../shaders/${SHADERS[rung.kernel] ?? rung.kernel}.wgsl) ${setting}`.trim(),
    rung.idea,
    loadsPerMultiplyAdd(rung, setting).toPrecision(2),
    ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3),
    gigaflops(flops, ms),
    `${(naiveMs / ms).toPrecision(2)} ×`,
    `${((100 * flops) / 2 / (ms / 1000) / bound).toFixed(0)} %`,
    gigaflops(flops, late.get(rung)![1]),
  ]);
  const kind = report.software ? ', a software adapter: milliseconds of CPU time' : '';
  const headings = LADDER_HEADINGS.map((heading) => (heading === 'Time' ? 'ms' : heading));
  write(adapterBlock(report.name), `Measured on ${report.name}${kind}.\n\n${tableOf(headings, rows)}`);
}

function encodeLaunches(encoder: GPUCommandEncoder, launches: readonly Launch[]): void {
  const pass = encoder.beginComputePass();
  for (const { pipeline, bindGroup, dispatch } of launches) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...dispatch.workgroups);
  }
  pass.end();
}

/** Kernels of several shaders, by the one that says the idea. */
const SHADERS: Readonly<Record<string, string>> = {
  'conv2d-winograd': 'conv2d-winograd-input',
  'conv2d-winograd4': 'conv2d-winograd4-input',
  'conv2d-winograd6': 'conv2d-winograd6-input',
};

await main();
