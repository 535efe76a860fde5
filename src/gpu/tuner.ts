import { compareTensors } from '../compare-tensors';
import { DeviceLostError, FoveaError } from '../errors';
import { type DataType, type Shape, sizeOf, Tensor } from '../tensor';
import { VERSION } from '../version';
import type { AcquiredDevice } from './device';
import type { Candidate, KernelContext } from './kernel';
import type { TensorDesc } from './layout';
import type { PipelineCache } from './pipeline-cache';
import { type Plan, type PlanOptions, type PlanStep, type Precision, withMemory } from './plan';
import { Session, storageTypeOf } from './session';
import { Stopwatch } from './stopwatch';
import { defaultTuningCache, isTunedChoice, type TunedChoice, type TuningCache } from './tuning-cache';

export interface TuningOptions {
  /** Where results are kept. By default IndexedDB in browsers, and elsewhere the memory of the process. */
  readonly cache?: TuningCache;
  /**
   * No measurement begins later than this many milliseconds after the start; what is left then keeps its best guess,
   * and is measured at the next load. Default 5,000.
   */
  readonly budgetMs?: number;
}

/** The kernel that was chosen for a node, and why. */
export interface TunedStep {
  readonly node: string;
  readonly kernel: string;
  readonly setting: string;
  /** `guess`: the budget ran out, or nothing could be measured. */
  readonly source: 'measured' | 'cached' | 'guess';
  /** Undefined for a guess. */
  readonly timeMs?: number;
}

/** A candidate that is not used, and why: it does not compile, or its result is not that of the first one. */
export interface RejectedCandidate {
  readonly node: string;
  readonly kernel: string;
  readonly setting: string;
  readonly reason: string;
}

export interface TuningReport {
  /** The nodes that can run in more than one way. */
  readonly steps: readonly TunedStep[];
  readonly rejected: readonly RejectedCandidate[];
  /** Candidates that were run. */
  readonly measurements: number;
  readonly elapsedMs: number;
  /** The message of the cache's error, if it failed. */
  readonly cacheError?: string;
  /** For `makePlan`: what was decided, for this plan and others of the same layers. */
  readonly choose: NonNullable<PlanOptions['choose']>;
}

type Where = AcquiredDevice & { readonly pipelines: PipelineCache };

const DEFAULT_BUDGET_MS = 5000;
/** Another candidate must be faster by this factor to replace an earlier one: less is noise. */
const CLEARLY_FASTER = 0.97;
/** Measuring is to be quick: a rough time tells candidates apart. */
const MAX_REPEATS = 200;
/** Relative to the largest magnitude. Wide enough for any order of summation and for Winograd; a wrong kernel errs more. */
const TOLERANCE: Readonly<Record<Precision, number>> = { f32: 2 ** -10, f16: 2 ** -6 };

/**
 * Runs the candidates of every node on this device, each kind of node once, and decides for the fastest whose result
 * agrees with that of the first. What the cache knows is not measured.
 *
 * @throws DeviceLostError
 */
export async function tune(draft: Plan, where: Where, options: TuningOptions = {}): Promise<TuningReport> {
  const start = performance.now();
  const tuner = new Tuner(draft, where, start + (options.budgetMs ?? DEFAULT_BUDGET_MS));
  const cache = options.cache ?? defaultTuningCache();
  const decided = new Map<string, Decision>();
  const steps: TunedStep[] = [];
  let cacheError: string | undefined;
  const forgiving = async <T>(asked: Promise<T>): Promise<T | undefined> => {
    try {
      return await asked;
    } catch (error) {
      cacheError ??= error instanceof Error ? error.message : String(error);
      return undefined;
    }
  };
  try {
    for (const step of draft.steps) {
      if (step.candidates.length < 2) continue;
      const key = tuningKey(step.context, draft.precision);
      const stored = `${identityOf(where)}/${key}`;
      let decision = decided.get(key);
      if (!decision) {
        const known = await forgiving(cache.get(stored));
        decision = isTunedChoice(known) && find(step.candidates, known) ? { ...known, source: 'cached' } : undefined;
        decision ??= await tuner.decide(step);
        decided.set(key, decision);
        if (decision.source === 'measured' && decision.complete) {
          const { kernel, setting, timeMs } = decision;
          await forgiving(cache.set(stored, { kernel, setting, timeMs }));
        }
      }
      const { kernel, setting, source } = decision;
      steps.push({
        node: step.node.name,
        kernel,
        setting,
        source,
        ...(source !== 'guess' && { timeMs: decision.timeMs }),
      });
    }
  } finally {
    tuner.dispose();
  }
  return {
    steps,
    rejected: tuner.rejected,
    measurements: tuner.measurements,
    elapsedMs: performance.now() - start,
    ...(cacheError !== undefined && { cacheError }),
    choose: (candidates, context) => {
      const decision = candidates.length > 1 ? decided.get(tuningKey(context, draft.precision)) : undefined;
      return (decision && find(candidates, decision)) ?? candidates[0];
    },
  };
}

type Decision =
  | (TunedChoice & { readonly source: 'cached' })
  /** `complete`: every candidate had its turn. */
  | (TunedChoice & { readonly source: 'measured'; readonly complete: boolean })
  | { readonly source: 'guess'; readonly kernel: string; readonly setting: string };

const find = (candidates: readonly Candidate[], choice: Pick<TunedChoice, 'kernel' | 'setting'>) =>
  candidates.find(({ kernel, setting }) => kernel === choice.kernel && setting === choice.setting);

/** Nodes with equal keys run alike: everything that kernels are chosen and parametrised by. */
export function tuningKey({ node, inputs, outputs }: KernelContext, precision: Precision): string {
  const describe = ({ dtype, layout, shape, strides, constant }: TensorDesc): unknown[] => [
    dtype,
    layout,
    shape,
    strides,
    constant !== undefined,
  ];
  return JSON.stringify([node.op, node.attributes, inputs.map(describe), outputs.map(describe), precision]);
}

/** Measurements hold for one adapter and one version of the kernels. */
function identityOf({ report }: Where): string {
  return JSON.stringify([report.vendor, report.architecture, report.device, report.description, VERSION]);
}

/** Measures single steps of a plan. */
class Tuner {
  readonly rejected: RejectedCandidate[] = [];
  measurements = 0;
  readonly #stopwatch: Stopwatch;

  constructor(
    private readonly draft: Plan,
    private readonly where: Where,
    private readonly deadline: number,
  ) {
    this.#stopwatch = new Stopwatch(where.device, { maxRepeats: MAX_REPEATS });
  }

  dispose(): void {
    this.#stopwatch.dispose();
  }

  /** Runs the candidates one after the other, as many as there is time for. */
  async decide(step: PlanStep): Promise<Decision> {
    let best: TunedChoice | undefined;
    let truth: ReadonlyMap<string, Tensor> | undefined;
    let complete = true;
    if (this.#isLate()) return guess(step);
    await this.#compileAll(step);
    for (const candidate of step.candidates) {
      if (this.#isLate()) {
        complete = false;
        break;
      }
      const { kernel, setting } = candidate;
      const reject = (reason: string): void => {
        this.rejected.push({ node: step.node.name, kernel, setting, reason });
      };
      try {
        const { result, timeMs } = await this.#measure(step, candidate);
        truth ??= result;
        const difference = this.#difference(result, truth);
        if (difference !== undefined) reject(difference);
        else if (!best || timeMs < best.timeMs * CLEARLY_FASTER) best = { kernel, setting, timeMs };
      } catch (error) {
        if (!(error instanceof FoveaError) || error instanceof DeviceLostError) throw error;
        reject(error.message);
      }
    }
    return best ? { ...best, source: 'measured', complete } : guess(step);
  }

  /** The first difference between a result and that of the first candidate. */
  #difference(result: ReadonlyMap<string, Tensor>, truth: ReadonlyMap<string, Tensor>): string | undefined {
    for (const [name, expected] of truth) {
      const tolerance = { ofLargest: TOLERANCE[this.draft.precision] };
      const { mismatch } = compareTensors(result.get(name)!, expected, tolerance);
      if (mismatch) return `${name} ${mismatch} by the first candidate`;
    }
    return undefined;
  }

  #isLate(): boolean {
    return performance.now() >= this.deadline;
  }

  /** All pipelines of a step at once; what fails, fails again where it is asked for by itself. */
  async #compileAll({ candidates }: PlanStep): Promise<void> {
    const dispatches = candidates.flatMap((candidate) => candidate.dispatches);
    const making = dispatches.map((dispatch) =>
      this.where.pipelines.get(dispatch, storageTypeOf(dispatch, this.draft)),
    );
    await Promise.allSettled(making);
  }

  async #measure(step: PlanStep, candidate: Candidate): Promise<{ result: Map<string, Tensor>; timeMs: number }> {
    const plan = planOfStep(this.draft, { ...step, chosen: candidate }, this.where.device.limits.maxBufferSize);
    const session = await Session.create(this.where.device, this.where.pipelines, plan);
    try {
      this.measurements++;
      const inputs = plan.graph.inputs.map((name) => [name, noise(plan.tensors.get(name)!)] as const);
      const result = await session.run(Object.fromEntries(inputs));
      const { timeMs } = await this.#stopwatch.time(session.dispatches);
      return { result, timeMs };
    } finally {
      session.dispose();
    }
  }
}

function guess({ candidates: [{ kernel, setting }] }: PlanStep): Decision {
  return { source: 'guess', kernel, setting };
}

/** A plan that runs one step of another, with the whole tensors that the step reads parts of as its inputs. */
function planOfStep(draft: Plan, step: PlanStep, maxBufferSize: number): Plan {
  const roots = new Set(step.context.inputs.map((input) => input.root));
  const graph = {
    ...draft.graph,
    name: `${draft.graph.name}: ${step.node.name}`,
    inputs: [...roots].filter((root) => !draft.graph.constants.has(root)),
    outputs: step.node.outputs,
    rowCounts: new Map<string, string>(),
  };
  return withMemory({ ...draft, graph, steps: [step] }, maxBufferSize);
}

/** Numbers in -1..1, the same each time; zeros as integers, which are valid indices. Numerical Recipes' generator. */
function noise({ dtype, shape }: { readonly dtype: DataType; readonly shape: Shape }): Tensor {
  if (dtype !== 'float32') return Tensor.zeros(dtype, shape);
  let state = 1;
  const data = Float32Array.from({ length: sizeOf(shape) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return Tensor.float32(shape, data);
}
