import { parseArgs } from 'node:util';
import { createNodeGpu } from '../src/cli/node-gpu';
import { acquireDevice } from '../src/gpu/device';
import { loadKernels } from '../src/gpu/kernels';
import { PipelineCache } from '../src/gpu/pipeline-cache';
import { makePlan } from '../src/gpu/plan';
import { Session } from '../src/gpu/session';
import { graphStatistics } from '../src/graph/statistics';
import { allCases } from '../test/ops/cases';
import { caseGraph, type KernelCase } from '../test/support/kernel-case';
import { KERNEL_SHAPES } from './kernel-shapes';
import { cpuMs, time } from './session-time';

/** The times of one candidate for one shape: the least of several rounds. CPU time is the sum over all cores. */
interface Timing {
  readonly kernel: string;
  readonly setting: string;
  readonly compileCpuMs: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Held here: Dawn stops answering once this object is collected. */
const gpu = await createNodeGpu();

const HELP = `npm run bench:kernels -- [options]: times every kernel on the adapter that FOVEA_ADAPTER names
  --only TEXT        shapes whose name contains it or, if there are none, the tests' kernel cases
  --candidates TEXT  kernels whose name and setting do`;

/** Times every kernel for every shape, from the naive to the fastest, to check the defaults and the tuning pass. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      candidates: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const acquired = await acquireDevice({ gpu });
  console.log(`${acquired.report.name}${acquired.report.software ? ' (software)' : ''}`);
  const named = (cases: readonly KernelCase[]) =>
    cases.filter(({ op, name }) => `${op}: ${name}`.includes(values.only));
  const shapes = named(KERNEL_SHAPES).length > 0 ? named(KERNEL_SHAPES) : named(allCases);
  if (shapes.length === 0) {
    throw new Error(
      `--only "${values.only}" is in the name of no shape and no case:\n  ${KERNEL_SHAPES.map(({ name }) => name).join('\n  ')}`,
    );
  }
  for (const shape of shapes) {
    const { graph, inputs } = caseGraph(shape);
    const kernels = await loadKernels(graph);
    const { flops } = graphStatistics(graph);
    console.log(`\n${shape.name}: ${(flops / 1e6).toFixed(1)} MFLOP`);
    const options = { precision: 'f32', device: acquired.traits } as const;
    const { candidates } = makePlan(graph, kernels, options).steps.find(({ node }) => node.op === shape.op)!;
    for (const [index, { kernel, setting }] of candidates.entries()) {
      if (!`${kernel} ${setting}`.includes(values.candidates)) continue;
      const plan = makePlan(graph, kernels, {
        ...options,
        choose: (all, { node }) => all[node.op === shape.op ? index : 0],
      });
      // With its own cache every candidate compiles its own pipelines.
      const before = process.cpuUsage();
      const session = await Session.create(acquired.device, new PipelineCache(acquired.device), plan);
      const compileCpuMs = cpuMs(before);
      session.write(inputs);
      const timing = { kernel, setting, compileCpuMs, ...(await time(session)) };
      session.dispose();
      console.log(row(timing, flops));
    }
  }
}

function row({ kernel, setting, compileCpuMs, wallMs, cpuMs: cpu }: Timing, flops: number): string {
  return [
    `  ${kernel} ${setting}`.padEnd(44),
    `compile ${compileCpuMs.toFixed(0)} ms CPU`.padStart(20),
    `${wallMs.toFixed(2)} ms`.padStart(12),
    `${cpu.toFixed(2)} ms CPU`.padStart(16),
    `${(flops / wallMs / 1e6).toFixed(2)} GFLOP/s`.padStart(16),
    `${(flops / cpu / 1e6).toFixed(2)} per core`.padStart(16),
  ].join('');
}

await main();
