import { compareTensors } from '../compare-tensors';
import { DeviceLostError, FoveaError } from '../errors';
import { type DataType, type Shape, sizeOf, Tensor } from '../tensor';
import type { Candidate } from './kernel';
import type { PipelineCache } from './pipeline-cache';
import { type Plan, type PlanStep, type Precision, withMemory } from './plan';
import { Session, storageTypeOf } from './session';
import { Stopwatch, type Timing } from './stopwatch';

/** Ways to run one step of a plan. */
export interface Trial {
  readonly step: PlanStep;
  /** The result of the first one that runs is what the others must agree with. */
  readonly candidates: readonly Candidate[];
}

/** `reason`: why it is not used: it does not compile, or its result is not that of the first. */
export type Outcome = { readonly candidate: Candidate } & (
  | { readonly timing: Timing; readonly session: Session; readonly reason?: undefined }
  | { readonly reason: string; readonly timing?: undefined }
);

/** Measuring is to be quick: a rough time tells candidates apart. */
const MAX_REPEATS = 200;
/** Relative to the largest magnitude. Wide enough for any order of summation and for Winograd; a wrong kernel errs more. */
const TOLERANCE: Readonly<Record<Precision, number>> = { f32: 2 ** -10, f16: 2 ** -6 };

/**
 * Runs ways to compute steps of a plan on a device, compares their results and times them. All of a call are compiled,
 * run and timed together, since waiting for the GPU takes longer than most of what it does.
 */
export class CandidateTrials {
  /** Candidates that were run. */
  measurements = 0;
  readonly #stopwatch: Stopwatch;
  readonly #sessions = new Set<Session>();

  constructor(
    private readonly draft: Plan,
    private readonly device: GPUDevice,
    private readonly pipelines: PipelineCache,
    { rough = false } = {},
  ) {
    this.#stopwatch = new Stopwatch(device, { maxRepeats: MAX_REPEATS, rough });
  }

  dispose(): void {
    this.release();
    this.#stopwatch.dispose();
  }

  /** Frees the sessions of the outcomes so far. */
  release(): void {
    for (const session of this.#sessions) session.dispose();
    this.#sessions.clear();
  }

  /** @returns for each trial its candidates' outcomes, in order. @throws DeviceLostError */
  async run(trials: readonly Trial[]): Promise<Outcome[][]> {
    await this.#compileAll(trials);
    const outcomes = await Promise.all(trials.map((trial) => this.#runTrial(trial)));
    const timed = await this.timeAll(outcomes.flat().flatMap(({ session }) => session ?? []));
    return outcomes.map((own) =>
      own.map(({ candidate, session, reason }): Outcome => {
        const timing = session && timed.get(session);
        if (session && typeof timing === 'object') return { candidate, session, timing };
        return { candidate, reason: reason ?? String(timing) };
      }),
    );
  }

  /** Each session's time, or why it has none. */
  async timeAll(sessions: readonly Session[]): Promise<Map<Session, Timing | string>> {
    const pieces = sessions.map(({ dispatches }) => dispatches);
    try {
      const timings = await this.#stopwatch.timeEach(pieces);
      return new Map(sessions.map((session, i) => [session, timings[i]]));
    } catch (error) {
      const reason = reasonOf(error);
      if (sessions.length <= 1) return new Map(sessions.map((session) => [session, reason]));
    }
    // One was refused, and with it all that it was submitted with.
    const alone = new Map<Session, Timing | string>();
    for (const session of sessions) for (const [key, value] of await this.timeAll([session])) alone.set(key, value);
    return alone;
  }

  /** What fails, fails again where it is asked for by itself. */
  async #compileAll(trials: readonly Trial[]): Promise<void> {
    const dispatches = trials.flatMap(({ candidates }) => candidates.flatMap((candidate) => candidate.dispatches));
    await Promise.allSettled(
      dispatches.map((dispatch) => this.pipelines.get(dispatch, storageTypeOf(dispatch, this.draft))),
    );
  }

  async #runTrial({ step, candidates }: Trial) {
    const inputs = new Map<string, Tensor>();
    const ran = await Promise.allSettled(
      candidates.map((candidate) => this.#runOne({ ...step, chosen: candidate }, inputs)),
    );
    let truth: ReadonlyMap<string, Tensor> | undefined;
    return candidates.map((candidate, i) => {
      const settled = ran[i];
      if (settled.status === 'rejected') return { candidate, reason: reasonOf(settled.reason) };
      const { session, result } = settled.value;
      truth ??= result;
      const reason = this.#difference(result, truth);
      return reason === undefined ? { candidate, session } : { candidate, reason };
    });
  }

  async #runOne(step: PlanStep, inputs: Map<string, Tensor>) {
    const plan = planOfStep(this.draft, step, this.device.limits.maxBufferSize);
    const session = await Session.create(this.device, this.pipelines, plan);
    this.#sessions.add(session);
    this.measurements++;
    for (const name of plan.graph.inputs) if (!inputs.has(name)) inputs.set(name, noise(plan.tensors.get(name)!));
    return { session, result: await session.run(Object.fromEntries(inputs)) };
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
}

/** @throws what is no fault of a candidate */
function reasonOf(error: unknown): string {
  if (!(error instanceof FoveaError) || error instanceof DeviceLostError) throw error;
  return error.message;
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
