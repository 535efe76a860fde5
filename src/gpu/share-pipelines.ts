import type { Candidate, Dispatch } from './kernel';
import { type Plan, type PlanOptions, withMemory } from './plan';
import { sharedActivation } from './share-epilogues';

/** A way to run a node. */
interface Way {
  readonly candidate: Candidate;
  readonly loads: number;
  readonly pipelines: readonly string[];
}

/** The first way, which is the fastest, that needs none but these pipelines. */
const fastest = (ways: readonly Way[], allowed: ReadonlySet<string>): Way | undefined =>
  ways.find(({ pipelines }) => pipelines.every((pipeline) => allowed.has(pipeline)));

/**
 * A plan for where compiling is slow: the one given, whose nodes have their fastest kernels, with fewer pipelines. Greedy:
 * goes without the pipeline that costs most beyond what it saves in loads, until each saves what it costs. Nodes take
 * part whose kernels count their loads.
 */
export function sharePipelines(plan: Plan, { profile, limits }: PlanOptions['device']): Plan {
  const nodes = plan.steps
    .filter(({ chosen }) => chosen.loads !== undefined)
    .map(({ candidates }) => candidates.flatMap(wayOf));
  const costOf = (allowed: ReadonlySet<string>): number => {
    const ways = nodes.map((node) => fastest(node, allowed));
    const used = new Set(ways.flatMap((way) => way?.pipelines ?? []));
    return ways.reduce((sum, way) => sum + (way?.loads ?? Infinity), used.size * profile.pipelineLoads);
  };
  let kept = new Set(nodes.flatMap(([first]) => first.pipelines));
  for (let [before, cost] = [Infinity, costOf(kept)]; cost < before; ) {
    const fewer = [...kept].map((out) => new Set([...kept].filter((pipeline) => pipeline !== out)));
    const costs = fewer.map(costOf);
    [before, cost] = [cost, Math.min(cost, ...costs)];
    if (cost < before) kept = fewer[costs.indexOf(cost)];
  }
  const exchange = new Map(nodes.map((ways) => [ways[0].candidate, fastest(ways, kept)!.candidate]));
  const steps = plan.steps.map((step) => ({ ...step, chosen: exchange.get(step.chosen) ?? step.chosen }));
  return withMemory({ ...plan, steps }, limits.maxBufferSize);
}

const wayOf = (candidate: Candidate): Way[] =>
  candidate.loads === undefined
    ? []
    : [{ candidate, loads: candidate.loads, pipelines: candidate.dispatches.map(pipelineOf) }];

/** What tells a pipeline from others. Epilogues that will be one do not. */
function pipelineOf({ shader, constants, epilogue }: Dispatch): string {
  const { ACTIVATION, RESIDUAL, ...others } = constants;
  const keeps = epilogue?.blocks === undefined ? [RESIDUAL] : [];
  return JSON.stringify([shader.name, others, epilogue && sharedActivation(epilogue), ...keeps]);
}
