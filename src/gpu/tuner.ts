import { graphStatistics } from '../graph/statistics';
import { VERSION } from '../version';
import { CandidateTrials } from './candidate-trials';
import type { AcquiredDevice } from './device';
import type { Candidate, KernelContext } from './kernel';
import type { TensorDesc } from './layout';
import type { PipelineCache } from './pipeline-cache';
import type { Plan, PlanOptions, PlanStep, Precision } from './plan';
import { defaultTuningCache, isTunedChoice, type TunedChoice, type TuningCache } from './tuning-cache';
import { claimAll, inTurn } from './tuning-claims';
import { raceOf, winnerOf } from './tuning-race';

export interface TuningOptions {
  /** Where results are kept. By default IndexedDB in browsers, and elsewhere the memory of the process. */
  readonly cache?: TuningCache;
  /**
   * No measurement begins later than this many milliseconds after the first; layers that are left then keep their best
   * guess, and are measured at the next load. Layers with the most work come first. Default 300.
   */
  readonly budgetMs?: number;
  /** Measure every candidate, not only the likely ones. Default false. */
  readonly thorough?: boolean;
}

/** The kernel that was chosen for a node, and why. */
export interface TunedStep {
  readonly node: string;
  readonly kernel: string;
  readonly setting: string;
  /** `cached`: measured before, or by another load at the same time. `guess`: the budget ran out, or nothing could be measured. */
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

const DEFAULT_BUDGET_MS = 300;
/** Candidates that are likely enough to be measured, the default among them. */
const SHORTLIST = 3;
/** Candidates that run together hold their memory together. */
const MOST_TOGETHER = 32;
const MOST_BYTES_TOGETHER = 2 ** 27;

/**
 * Runs the likely candidates of every node on this device, each kind of node once, and decides for the fastest whose
 * result agrees with that of the first. The first, which is what an untuned plan takes, is among those measured, and
 * stays unless another is clearly faster twice. What the cache knows is not measured, nor what another load measures at
 * the same time: this one waits for it.
 *
 * @throws DeviceLostError
 */
export async function tune(draft: Plan, where: Where, options: TuningOptions = {}): Promise<TuningReport> {
  const start = performance.now();
  const tuner = new Tuner(draft, where, options);
  const kinds = kindsOf(draft, identityOf(where));
  try {
    await tuner.decide(kinds);
  } finally {
    tuner.dispose();
  }
  const { decided, rejected, measurements, cacheError } = tuner;
  const steps = kinds.flatMap(({ key, nodes }) => nodes.map((node): TunedStep => ({ node, ...decided.get(key)! })));
  const places = new Map(draft.steps.map(({ node }, place) => [node.name, place]));
  return {
    steps: steps.sort((a, b) => places.get(a.node)! - places.get(b.node)!),
    rejected,
    measurements,
    elapsedMs: performance.now() - start,
    ...(cacheError !== undefined && { cacheError }),
    choose: (candidates, context) => {
      const decision = candidates.length > 1 ? decided.get(tuningKey(context, draft.precision)) : undefined;
      return (decision && find(candidates, decision)) ?? candidates[0];
    },
  };
}

type Decision =
  | (TunedChoice & { readonly source: 'measured' | 'cached' })
  | { readonly source: 'guess'; readonly kernel: string; readonly setting: string };

/** Nodes that run alike. */
interface Kind {
  readonly key: string;
  /** The cache's key. */
  readonly stored: string;
  readonly step: PlanStep;
  readonly nodes: readonly string[];
  readonly flops: number;
}

const find = (candidates: readonly Candidate[], choice: Pick<TunedChoice, 'kernel' | 'setting'>) =>
  candidates.find(({ kernel, setting }) => kernel === choice.kernel && setting === choice.setting);

/** The kinds of nodes with a choice, those with the most work first. */
function kindsOf({ graph, steps, precision }: Plan, identity: string): Kind[] {
  const { nodes } = graphStatistics(graph);
  const kinds = new Map<string, Kind>();
  for (const step of steps) {
    if (step.candidates.length < 2) continue;
    const { name } = step.node;
    const key = tuningKey(step.context, precision);
    const known = kinds.get(key);
    const flops = (known?.flops ?? 0) + (nodes.get(name)?.flops ?? 0);
    kinds.set(key, {
      step,
      key,
      stored: `${identity}/${key}`,
      ...known,
      nodes: [...(known?.nodes ?? []), name],
      flops,
    });
  }
  return [...kinds.values()].sort((a, b) => b.flops - a.flops);
}

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

/**
 * The default, its kernel's next tile, the best guess of every other kernel, then other tiles, as many as are likely to
 * win. Naive kernels are there to be read and compared with.
 */
export function shortlist(candidates: readonly Candidate[]): Candidate[] {
  const [first, ...others] = candidates;
  const useful = others.filter(({ kernel }) => !kernel.endsWith('-naive'));
  const next = useful.filter(({ kernel }) => kernel === first.kernel).slice(0, 1);
  const isBestOfKernel = ({ kernel }: Candidate, i: number): boolean =>
    kernel !== first.kernel && useful.findIndex((other) => other.kernel === kernel) === i;
  const chosen = new Set([first, ...next, ...useful.filter(isBestOfKernel), ...useful]);
  const likely = new Set([...chosen].slice(0, SHORTLIST));
  return candidates.filter((candidate) => likely.has(candidate));
}

/** Decides for the kinds of one plan. */
class Tuner {
  readonly decided = new Map<string, Decision>();
  readonly rejected: RejectedCandidate[] = [];
  cacheError: string | undefined;
  readonly #cache: TuningCache;
  readonly #trials: CandidateTrials;
  #deadline: number | undefined;

  constructor(
    draft: Plan,
    { device, pipelines }: Where,
    private readonly options: TuningOptions,
  ) {
    this.#cache = options.cache ?? defaultTuningCache();
    this.#trials = new CandidateTrials(draft, device, pipelines, { rough: true });
  }

  get measurements(): number {
    return this.#trials.measurements;
  }

  dispose(): void {
    this.#trials.dispose();
  }

  /** Decides for what nobody else is deciding for, then waits for the others. */
  async decide(kinds: readonly Kind[]): Promise<void> {
    const { own, others } = claimAll<Kind, TunedChoice>(this.#cache, kinds, ({ stored }) => stored);
    try {
      await Promise.all(own.map(({ item }) => this.#lookUp(item)));
      const unknown = own.map(({ item }) => item).filter(({ key }) => !this.decided.has(key));
      // Two that measured at once would slow each other.
      if (unknown.length > 0) await inTurn(this.#cache, () => this.#measureAll(unknown));
    } finally {
      for (const { item, settle } of own) {
        const decision = this.decided.get(item.key);
        settle(decision && decision.source !== 'guess' ? decision : undefined);
      }
    }
    const left: Kind[] = [];
    for (const { item, claim } of others) {
      const decision = await claim;
      if (decision && find(item.step.candidates, decision))
        this.decided.set(item.key, { ...decision, source: 'cached' });
      else left.push(item);
    }
    // The others failed, or their time ran out.
    if (left.length > 0) await this.decide(left);
  }

  async #lookUp({ key, stored, step }: Kind): Promise<void> {
    const known: unknown = await this.#forgiving(this.#cache.get(stored));
    if (isTunedChoice(known) && find(step.candidates, known)) this.decided.set(key, { ...known, source: 'cached' });
  }

  async #forgiving<T>(asked: Promise<T>): Promise<T | undefined> {
    try {
      return await asked;
    } catch (error) {
      this.cacheError ??= error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }

  /** As many kinds together as there is time for, by what candidates took so far. */
  async #measureAll(kinds: readonly Kind[]): Promise<void> {
    const start = performance.now();
    this.#deadline ??= start + (this.options.budgetMs ?? DEFAULT_BUDGET_MS);
    let done = 0;
    while (done < kinds.length && performance.now() < this.#deadline) {
      const perCandidate = done > 0 ? (performance.now() - start) / this.measurements : Number.POSITIVE_INFINITY;
      const most = Math.min(MOST_TOGETHER, (this.#deadline - performance.now()) / perCandidate);
      const batch = [kinds[done++]];
      let count = this.#candidatesOf(batch[0]).length;
      let bytes = bytesOf(batch[0]);
      for (; done < kinds.length; done++) {
        count += this.#candidatesOf(kinds[done]).length;
        bytes += bytesOf(kinds[done]);
        if (count > most || bytes > MOST_BYTES_TOGETHER) break;
        batch.push(kinds[done]);
      }
      await this.#measure(batch);
    }
    for (const { key, step } of kinds.slice(done)) {
      const [{ kernel, setting }] = step.candidates;
      this.decided.set(key, { source: 'guess', kernel, setting });
    }
  }

  #candidatesOf({ step: { candidates } }: Kind): readonly Candidate[] {
    return this.options.thorough ? candidates : shortlist(candidates);
  }

  async #measure(kinds: readonly Kind[]): Promise<void> {
    const outcomes = await this.#trials.run(
      kinds.map((kind) => ({ step: kind.step, candidates: this.#candidatesOf(kind) })),
    );
    const races = kinds.map((_, i) => raceOf(outcomes[i]));
    const confirmed = await this.#trials.timeAll(
      races.flatMap(({ first, best }) => (first === best ? [] : [best!.session, first!.session])),
    );
    for (const [i, { key, stored, step }] of kinds.entries()) {
      for (const { candidate, reason } of outcomes[i]) {
        const { kernel, setting } = candidate;
        if (reason !== undefined) this.rejected.push({ node: step.node.name, kernel, setting, reason });
      }
      const winner = winnerOf(races[i], confirmed);
      const { kernel, setting } = (winner ?? { candidate: step.candidates[0] }).candidate;
      if (!winner) {
        this.decided.set(key, { source: 'guess', kernel, setting });
        continue;
      }
      const choice: TunedChoice = { kernel, setting, timeMs: winner.timing.timeMs };
      this.decided.set(key, { ...choice, source: 'measured' });
      await this.#forgiving(this.#cache.set(stored, choice));
    }
    this.#trials.release();
  }
}

const bytesOf = ({ step: { candidates, context } }: Kind): number =>
  4 *
  candidates.length *
  [...context.inputs, ...context.outputs].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
