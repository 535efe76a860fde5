import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Bounds, boundsOf } from '../demo/bounds/bounds';
import { findRung, RUNGS, type Rung } from '../demo/lessons/rungs';
import { adapterBlock, replaceBlock } from '../docs/lessons/numbers/blocks';
import { createNodeGpu } from '../src/cli/node-gpu';
import { acquireDevice } from '../src/gpu/device';
import { loadKernels } from '../src/gpu/kernels';
import { PipelineCache } from '../src/gpu/pipeline-cache';
import { makePlan } from '../src/gpu/plan';
import { Session } from '../src/gpu/session';
import { graphStatistics } from '../src/graph/statistics';
import { caseGraph } from '../test/support/kernel-case';
import { CHIP_NAMES } from './compilers/chips';
import { KERNEL_SHAPES } from './kernel-shapes';
import { chosen } from './options';
import { time } from './session-time';

const HELP = `npm run bench:ladder: times the rungs of docs/lessons/3-the-ladder.md on the adapter that FOVEA_ADAPTER names
  --print        writes the table to the terminal and leaves the pages as they are
  --chip navi31  what a chip's compiler makes of the rungs, with times by a model; no GPU runs`;

/** The convolution that every rung computes. */
const SHAPE = 'U-Net: conv2d 3×3 64→64 at 64² stride 1';
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
  // Other programs slow a software adapter down: its bound, a wall time, would say little beside CPU times.
  const bounds = report.software ? undefined : await boundsOf(device, false);
  const { graph, inputs } = caseGraph(KERNEL_SHAPES.find(({ name }) => name === SHAPE)!);
  const kernels = await loadKernels(graph);
  const { flops } = graphStatistics(graph);
  const options = { precision: 'f32', device: traits } as const;
  const { candidates } = makePlan(graph, kernels, options).steps.find(({ node }) => node.op === 'conv2d')!;
  const rows: string[] = [];
  let naiveMs: number | undefined;
  for (const rung of RUNGS) {
    const index = findRung(candidates, rung);
    if (index < 0) continue;
    const plan = makePlan(graph, kernels, {
      ...options,
      choose: (all, { node }) => all[node.op === 'conv2d' ? index : 0],
    });
    const session = await Session.create(device, new PipelineCache(device), plan);
    session.write(inputs);
    const { wallMs, cpuMs } = await time(session);
    session.dispose();
    // A software adapter computes on cores that others use too: their time is not in the CPU time.
    const ms = report.software ? cpuMs : wallMs;
    naiveMs ??= ms;
    rows.push(row(rung, candidates[index].setting, ms, naiveMs, flops, bounds));
  }
  const table = tableOf(
    rows,
    `${report.name}${report.software ? ', a software adapter: milliseconds of CPU time' : ''}`,
  );
  write(adapterBlock(report.name), table);
}

function row(
  { kernel, idea, loads }: Rung,
  setting: string,
  ms: number,
  naiveMs: number,
  flops: number,
  bounds: Bounds | undefined,
): string {
  const share = bounds && `${((100 * flops) / 2 / (ms / 1000) / bounds.multiplyAddsPerSecond).toFixed(0)} %`;
  const cells = [
    `[${kernel}](../../shaders/${SHADERS[kernel] ?? kernel}.wgsl)${setting && ` ${setting}`}`,
    idea,
    loads === undefined ? '' : loads.toPrecision(2),
    ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3),
    (flops / ms / 1e6).toPrecision(3),
    `${(naiveMs / ms).toPrecision(2)} ×`,
    share ?? '',
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Kernels of several shaders, by the one that says the idea. */
const SHADERS: Readonly<Record<string, string>> = {
  'conv2d-winograd': 'conv2d-winograd-input',
  'conv2d-winograd4': 'conv2d-winograd4-input',
  'conv2d-winograd6': 'conv2d-winograd6-input',
};

const tableOf = (rows: readonly string[], adapter: string): string =>
  [
    `Measured on ${adapter}.`,
    '',
    '| Rung | Idea | Loads per multiply-add | ms | GFLOP/s | Against naive | Of the bound |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');

await main();
