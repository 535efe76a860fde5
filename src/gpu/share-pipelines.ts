import type { Candidate, Dispatch } from './kernel';
import { type Plan, type PlanOptions, withMemory } from './plan';
import { activationKind } from './share-epilogues';

/** A way to run a node. */
interface Way {
  readonly candidate: Candidate;
  readonly loads: number;
  readonly pipelines: readonly string[];
}

/** What saves less than this share of a frame is not worth a pipeline. */
const FRAME_SHARE = 100;

/** The first way, which is the fastest, that needs none but these pipelines. */
const fastest = (ways: readonly Way[], allowed: ReadonlySet<string>): Way | undefined =>
  ways.find(({ pipelines }) => pipelines.every((pipeline) => allowed.has(pipeline)));

/** Ways for all nodes from some pipelines. */
interface Choice {
  readonly allowed: ReadonlySet<string>;
  readonly used: ReadonlySet<string>;
  /** In loads of a frame. */
  readonly cost: number;
}

/**
 * A plan for where compiling is slow: the one given, whose nodes have their fastest kernels, with fewer pipelines. Goes
 * without the pipeline that costs least to go without, one after the other, and takes the cheapest choice on that way,
 * each with its pipelines joined: sometimes several have to go before the one that stands in for them pays. Nodes take
 * part whose kernels count their loads.
 */
export function sharePipelines(plan: Plan, { profile, limits }: PlanOptions['device']): Plan {
  const nodes = plan.steps
    .filter(({ chosen }) => chosen.loads !== undefined)
    .map(({ candidates }) => candidates.flatMap(wayOf));
  const frame = nodes.reduce((sum, [{ loads }]) => sum + loads, 0);
  // Where compiling costs nothing, each layer has what is fastest.
  const price = profile.pipelineLoads && Math.max(profile.pipelineLoads, frame / FRAME_SHARE);
  const prices = new Map(
    nodes.flatMap((ways) =>
      ways.flatMap(({ candidate, pipelines }) => pipelines.map((one) => [one, price * (candidate.compileCost ?? 1)])),
    ),
  );
  const choiceOf = (allowed: ReadonlySet<string>): Choice => {
    const ways = nodes.map((node) => fastest(node, allowed));
    const used = new Set(ways.flatMap((way) => way?.pipelines ?? []));
    const compiling = [...used].reduce((sum, pipeline) => sum + prices.get(pipeline)!, 0);
    return { allowed, used, cost: ways.reduce((sum, way) => sum + (way?.loads ?? Infinity), compiling) };
  };
  const isWanted = (way: Way, index: number): boolean => index === 0 || way.candidate.forSeveral === true;
  const cheapestWithoutOne = ({ used }: Choice, from: ReadonlySet<string>): Choice =>
    [...used]
      .map((out) => choiceOf(new Set([...from].filter((one) => one !== out))))
      .reduce((least, one) => (one.cost < least.cost ? one : least));
  /** The choice with fewer of its own pipelines, for as long as that is cheaper. */
  const joined = (choice: Choice): Choice => {
    const fewer = cheapestWithoutOne(choice, choice.used);
    return fewer.cost < choice.cost ? joined(fewer) : choice;
  };
  let choice = choiceOf(new Set(nodes.flatMap((ways) => ways.filter(isWanted).flatMap(({ pipelines }) => pipelines))));
  let best = choice;
  while (choice.used.size > 0 && choice.cost < Infinity) {
    const fewest = joined(choice);
    if (fewest.cost < best.cost) best = fewest;
    choice = cheapestWithoutOne(choice, choice.allowed);
  }
  const exchange = new Map(nodes.map((ways) => [ways[0].candidate, fastest(ways, best.allowed)!.candidate]));
  const steps = plan.steps.map((step) => ({ ...step, chosen: exchange.get(step.chosen) ?? step.chosen }));
  return withMemory({ ...plan, steps }, limits.maxBufferSize);
}

const wayOf = (candidate: Candidate): Way[] =>
  candidate.loads === undefined
    ? []
    : [{ candidate, loads: candidate.loads, pipelines: candidate.dispatches.map(pipelineOf) }];

/** What tells a pipeline from others. Epilogues that will be one do not. */
function pipelineOf(dispatch: Dispatch): string {
  const { shader, constants, epilogue } = dispatch;
  const { ACTIVATION, ACTIVATIONS, RESIDUAL, ...others } = constants;
  const keeps = epilogue?.blocks === undefined ? [RESIDUAL] : [];
  return JSON.stringify([shader.name, others, activationKind(dispatch), ...keeps]);
}
