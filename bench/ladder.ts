import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Bounds, boundsOf } from '../demo/bounds/bounds';
import { adapterBlock, replaceBlock } from '../docs/lessons/numbers/blocks';
import { createNodeGpu } from '../src/cli/node-gpu';
import { acquireDevice } from '../src/gpu/device';
import { loadKernels } from '../src/gpu/kernels';
import { PipelineCache } from '../src/gpu/pipeline-cache';
import { makePlan } from '../src/gpu/plan';
import { Session } from '../src/gpu/session';
import { graphStatistics } from '../src/graph/statistics';
import { caseGraph } from '../test/support/kernel-case';
import { KERNEL_SHAPES } from './kernel-shapes';
import { time } from './session-time';

const HELP = `npm run bench:ladder: times the rungs of docs/lessons/3-the-ladder.md on the adapter that FOVEA_ADAPTER names
  --print  writes the table to the terminal and leaves the lesson as it is`;

/** The convolution that every rung computes. */
const SHAPE = 'U-Net: conv2d 3×3 64→64 at 64² stride 1';
const LESSON = 'docs/lessons/3-the-ladder.md';

interface Rung {
  readonly kernel: string;
  /** The beginning of the setting's name in the plan. */
  readonly setting: string;
  readonly idea: string;
  /** Numbers that an invocation loads for each multiply-add, by the kernel's header. */
  readonly loads?: number;
}

/** From the slowest up: each has one idea more than the last, or another in its place. */
const RUNGS: readonly Rung[] = [
  { kernel: 'conv2d-naive', setting: '', idea: 'the definition', loads: 2 },
  // A tile of P pixels and B blocks of four outputs loads P + 4·B vectors for 16·P·B multiply-adds.
  { kernel: 'conv2d-tiled', setting: '4×4', idea: 'register tile of 4 pixels × 4 channels', loads: 0.5 },
  { kernel: 'conv2d-tiled', setting: '4×8', idea: 'twice the channels', loads: 0.375 },
  { kernel: 'conv2d-tiled', setting: '8×8', idea: 'twice the pixels', loads: 0.25 },
  // For a row of taps it loads P + 2 vectors of pixels and 12·B of weights, for 48·P·B multiply-adds.
  { kernel: 'conv2d-3x3', setting: '8×8', idea: 'a loaded pixel serves three taps', loads: (4 * 34) / 768 },
  { kernel: 'conv2d-quad', setting: '', idea: 'four invocations share their loads' },
  { kernel: 'conv2d-winograd', setting: '8×8', idea: 'Winograd F(2×2): 16 products in place of 36' },
  { kernel: 'conv2d-winograd4', setting: '8×8', idea: 'Winograd F(4×4): 36 in place of 144' },
  { kernel: 'conv2d-winograd6', setting: '8×8', idea: 'Winograd F(6×6): 64 in place of 324' },
  { kernel: 'conv2d-winograd6', setting: 'quads', idea: 'F(6×6), and four invocations share' },
];

/** Held here: Dawn stops answering once this object is collected. */
const gpu = await createNodeGpu();

/** Times every rung that the adapter can run, and puts the table into the lesson. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { print: { type: 'boolean', default: false }, help: { type: 'boolean' } } });
  if (values.help) {
    console.log(HELP);
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
    const index = candidates.findIndex(
      ({ kernel, setting }) => kernel === rung.kernel && setting.startsWith(rung.setting),
    );
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
  if (values.print) console.log(table);
  else {
    const block = `ladder: ${adapterBlock(report.name)}`;
    writeFileSync(LESSON, replaceBlock(readFileSync(LESSON, 'utf8'), block, table, LESSON));
  }
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
