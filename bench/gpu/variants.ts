import { CandidateTrials } from '../../src/gpu/candidate-trials';
import { acquireDevice } from '../../src/gpu/device';
import { PipelineCache } from '../../src/gpu/pipeline-cache';
import type { Plan, PlanStep, Precision } from '../../src/gpu/plan';
import { planGraph } from '../../src/gpu/plan-graph';
import type { Timing } from '../../src/gpu/stopwatch';
import { tuningKey } from '../../src/gpu/tuner';
import { withConstantsFolded } from '../../src/reference/fold';
import type { NetworkJob } from '../engines/engine';
import { fetchGraph } from '../engines/fovea';
import { sampler, spread } from './schedule';

/** One kind of layer, and every way to run it. */
export interface VariantTimes {
  /** Where it was found first. */
  readonly network: string;
  readonly node: string;
  readonly op: string;
  /** Inputs without the batch, and output: `[96, 14, 14] [24, 96, 1, 1] → [24, 14, 14]`. */
  readonly shapes: string;
  readonly precision: Precision;
  /** Nodes of all networks that are alike. */
  readonly nodes: number;
  /** The default first: kernel and setting, and the time, or why there is none. */
  readonly ways: readonly (readonly [way: string, timeMs: number | string])[];
}

export interface VariantsReport {
  readonly precision: Precision;
  readonly kinds: number;
  readonly measured: readonly VariantTimes[];
}

/** Kinds of layers that are measured however little time there is. */
const LEAST_KINDS = 2;

interface Kind {
  readonly network: string;
  readonly draft: Plan;
  readonly step: PlanStep;
  nodes: number;
}

/** Times every variant of every kernel over the shapes of networks, as many kinds of layers as there is time for. */
export async function measureVariants(
  {
    networks,
    precision,
    ms,
  }: {
    readonly networks: readonly NetworkJob[];
    readonly precision: Precision;
    readonly ms: number;
  },
  tell: (report: VariantsReport) => void,
): Promise<VariantsReport> {
  const hasTime = sampler(ms, LEAST_KINDS);
  const acquired = await acquireDevice();
  const { device, traits } = acquired;
  const pipelines = new PipelineCache(device);
  const kinds = new Map<string, Kind>();
  for (const network of networks) {
    const draft = await draftOf(network, precision, traits);
    for (const step of draft.steps) {
      if (step.candidates.length < 2) continue;
      const key = tuningKey(step.context, precision);
      const known = kinds.get(key);
      if (known) known.nodes++;
      else kinds.set(key, { network: network.name, draft, step, nodes: 1 });
    }
  }
  const all = [...kinds.values()];
  const measured: VariantTimes[] = [];
  const report = (): VariantsReport => ({ precision, kinds: all.length, measured });
  tell(report());
  for (const place of spread(all.length)) {
    if (!hasTime()) break;
    measured.push(await timesOf(all[place], device, pipelines, precision));
    tell(report());
  }
  device.destroy();
  return report();
}

/** The plan before anything is chosen, with all variants that tuning would consider. */
async function draftOf(
  network: NetworkJob,
  precision: Precision,
  device: Awaited<ReturnType<typeof acquireDevice>>['traits'],
): Promise<Plan> {
  const graph = await withConstantsFolded(await fetchGraph(network));
  let draft: Plan | undefined;
  await planGraph(graph, {
    precision,
    device,
    tune: async (plan) => {
      draft = plan;
      return ([first]) => first;
    },
  });
  return draft!;
}

async function timesOf(
  { network, draft, step, nodes }: Kind,
  device: GPUDevice,
  pipelines: PipelineCache,
  precision: Precision,
): Promise<VariantTimes> {
  const trials = new CandidateTrials(draft, device, pipelines);
  const { node, context, candidates } = step;
  try {
    const [outcomes] = await trials.run([{ step, candidates }]);
    // Twice, as other programs and a changing clock may disturb either reading.
    const again = await trials.timeAll(outcomes.flatMap((outcome) => (outcome.timing ? outcome.session : [])));
    const ways = outcomes.map((outcome) => {
      const { kernel, setting } = outcome.candidate;
      const way = `${kernel} ${setting}`.trim();
      if (!outcome.timing) return [way, outcome.reason] as const;
      const second: Timing | string | undefined = again.get(outcome.session);
      const secondMs = typeof second === 'object' ? second.timeMs : Number.POSITIVE_INFINITY;
      return [way, Math.min(outcome.timing.timeMs, secondMs)] as const;
    });
    const inputs = context.inputs.slice(0, 2).map(({ shape, constant }) => brackets(constant ? shape : shape.slice(1)));
    const shapes = `${inputs.join(' ')} → ${brackets(context.outputs[0].shape.slice(1))}`;
    return { network, node: node.name, op: node.op, shapes, precision, nodes, ways };
  } finally {
    trials.dispose();
  }
}

const brackets = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
