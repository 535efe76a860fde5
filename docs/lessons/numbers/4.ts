import { time } from '../../../bench/session-time';
import { createNodeGpu } from '../../../src/cli/node-gpu';
import { PORTABLE_DEVICE } from '../../../src/gpu/adapter-profile';
import { acquireDevice } from '../../../src/gpu/device';
import { PipelineCache } from '../../../src/gpu/pipeline-cache';
import { launchesOf } from '../../../src/gpu/plan';
import { planGraph } from '../../../src/gpu/plan-graph';
import { Session } from '../../../src/gpu/session';
import type { Graph } from '../../../src/graph/graph';
import { PASSES } from '../../../src/graph/passes';
import { graphStatistics } from '../../../src/graph/statistics';
import { Tensor } from '../../../src/tensor';
import { adapterBlock, type Blocks, tableOf } from './blocks';

import { NETWORKS, network } from './networks';

/** Held here: Dawn stops answering once this object is collected. */
const gpu = await createNodeGpu();

/** What crosses memory when every value is written once and read once by each node that takes it, in float32. */
const megabytes = (graph: Graph): number =>
  ([...graphStatistics(graph).nodes.values()].reduce((sum, { elementsMoved }) => sum + elementsMoved, 0) * 4) / 1e6;

/** Launches, traffic and time of the networks before and after fusing. */
export async function blocks(): Promise<Blocks> {
  const { device, traits, report } = await acquireDevice({ gpu });
  const launches: (string | number)[][] = [];
  const times: (string | number)[][] = [];
  for (const name of NETWORKS) {
    const { graph } = network(name);
    const [before, after] = await Promise.all(
      [false, true].map((optimise) => planGraph(graph, { precision: 'f32', device: PORTABLE_DEVICE, optimise })),
    );
    const [mbBefore, mbAfter] = [before, after].map((plan) => megabytes(plan.graph).toFixed(0));
    launches.push([name, launchesOf(before), launchesOf(after), mbBefore, mbAfter]);
    const ms: number[] = [];
    for (const optimise of [false, true]) {
      const plan = await planGraph(graph, { precision: 'f32', device: traits, optimise });
      const session = await Session.create(device, new PipelineCache(device), plan);
      session.write({ image: Tensor.float32(graph.values.get('image')!.shape) });
      const { wallMs, cpuMs } = await time(session);
      ms.push(report.software ? cpuMs : wallMs);
      session.dispose();
    }
    times.push([name, ...ms.map((value) => value.toPrecision(3)), `${(ms[0] / ms[1]).toPrecision(2)} ×`]);
  }
  const kind = report.software ? ', a software adapter: milliseconds of CPU time' : ': milliseconds';
  return {
    'numbers: passes': passesTable(),
    'numbers: launches': tableOf(['Network', 'Launches before', 'Launches after', 'MB before', 'MB after'], launches),
    [`fusion: ${adapterBlock(report.name)}`]: `Measured on ${report.name}${kind}.\n\n${tableOf(
      ['Network', 'Before', 'After', 'Faster'],
      times,
    )}`,
  };
}

/** The classifier after each pass. */
function passesTable(): string {
  let { graph } = network('classifier');
  const row = (name: string): (string | number)[] => [name, graph.nodes.length, megabytes(graph).toFixed(1)];
  const rows = [row('as it was trained')];
  for (const [name, pass] of PASSES) {
    graph = pass(graph);
    rows.push(row(name));
  }
  return tableOf(['After the pass', 'Nodes', 'MB through memory'], rows);
}
