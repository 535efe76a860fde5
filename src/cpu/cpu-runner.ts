import { ArgumentError, DisposedError } from '../errors';
import type { Graph } from '../graph/graph';
import { checkLiveMemory } from '../graph/live-memory';
import type { MemoryBudget } from '../graph/memory-budget';
import { optimise } from '../graph/passes';
import { dropDead } from '../graph/passes/drop-dead';
import { checkRun, copyOf, countedOutputs, countersOf } from '../graph/run-arguments';
import type { PictureSpec, Placement, RawPicture } from '../picture';
import { withConstantsFolded } from '../reference/fold';
import type { LoadedGraph, Runner, Tensors } from '../runner';
import { Tensor } from '../tensor';
import { nodeModule } from './node';
import references from './references?worker&url';
import { Team, type TeamProgram, type WorkerUrls } from './team';
import worker from './worker?worker&url';

export interface CpuRunnerOptions extends MemoryBudget {
  /** The number of workers. By default one for each core, at most 8. */
  readonly threads?: number;
  /** URLs of the workers' files, for bundlers that do not bring them along. */
  readonly urls?: WorkerUrls;
}

export interface CpuRunOptions {
  /** Values to return instead of the graph's outputs: any value of the graph. */
  readonly outputs?: readonly string[];
  /** Stops the run at its next step. Where memory is not shared, the worker finishes, and its answer is dropped. */
  readonly signal?: AbortSignal;
}

/** How many sets of outputs a network keeps programs for, each with weights of its own. */
const MAX_PROGRAMS = 4;
const MAX_THREADS = 8;

/**
 * Runs networks on the CPU without WebGPU, in float32. Workers compute, so that the page stays responsive.
 *
 * In Node and on pages that are cross-origin isolated, all workers share each network. Elsewhere memory cannot be
 * shared, and each network has one worker: several networks still run side by side.
 */
export class CpuRunner implements Runner {
  readonly kind = 'cpu';
  /** For example `CPU, 2 threads`. */
  readonly name: string;
  readonly #teams: readonly Team[];
  readonly #budget: number | undefined;
  #disposed = false;

  /** @throws ArgumentError when `threads` is no positive integer */
  constructor({
    threads = defaultThreads(),
    urls = { worker, references },
    maxActivationBytes,
  }: CpuRunnerOptions = {}) {
    this.#budget = maxActivationBytes;
    if (!Number.isInteger(threads) || threads < 1) {
      throw new ArgumentError(`threads must be a positive integer, got ${threads}`);
    }
    const shared = canShareMemory();
    this.#teams = shared ? [new Team(threads, urls)] : Array.from({ length: threads }, () => new Team(1, urls));
    const count = threads === 1 ? '1 thread' : `${threads} threads`;
    this.name = shared || threads === 1 ? `CPU, ${count}` : `CPU, ${count}, one for each network`;
  }

  /**
   * Fuses and plans a network, and hands its weights to the workers.
   *
   * @param options `optimise: false` runs the graph as it is
   * @throws OutOfMemoryError, DisposedError
   */
  async load(graph: Graph, options: { readonly optimise?: boolean } = {}): Promise<CpuModel> {
    this.#check();
    const model = new CpuModel(graph, this.#leastBusy(), options.optimise ?? true, this.#budget, () => this.#check());
    await model.prepare();
    return model;
  }

  async prepare(picture: RawPicture, spec: PictureSpec): Promise<Tensor> {
    this.#check();
    const { dtype, shape, data } = (await this.#leastBusy().call(
      'picture',
      'pictureToTensor',
      picture,
      spec,
    )) as Tensor;
    return new Tensor(dtype, shape, data);
  }

  async segmentMask(logits: Tensor, placement: Placement): Promise<Uint8Array> {
    this.#check();
    return (await this.#leastBusy().call('segment-mask', 'segmentMask', logits, placement)) as Uint8Array;
  }

  /** Ends the workers; pending calls fail with a DisposedError. */
  dispose(): void {
    this.#disposed = true;
    for (const team of this.#teams) team.close();
  }

  #leastBusy(): Team {
    return this.#teams.reduce((a, b) => (b.load < a.load ? b : a));
  }

  #check(): void {
    if (this.#disposed) throw new DisposedError('the CPU runner was disposed');
  }
}

interface Planned {
  readonly program: Promise<TeamProgram>;
  /** Set once the promise is resolved. */
  made?: TeamProgram;
}

/** A network that is loaded on a {@link CpuRunner}. */
export class CpuModel implements LoadedGraph {
  /** By the outputs that they return; the latest used is the last. */
  readonly #programs = new Map<string, Planned>();
  #disposed = false;

  constructor(
    readonly graph: Graph,
    private readonly team: Team,
    private readonly fuse: boolean,
    private readonly budget: number | undefined,
    private readonly checkRunner: () => void,
  ) {
    team.load++;
  }

  async prepare(): Promise<void> {
    await this.#program(this.graph.outputs).catch((error: unknown) => {
      this.dispose();
      throw error;
    });
  }

  /**
   * Runs the network once. Calls may overlap; they are answered in order.
   *
   * @throws ArgumentError for an input that is missing or does not fit, and for an unknown output
   * @throws DisposedError, and the signal's reason
   */
  async run(
    inputs: Tensors,
    { outputs = this.graph.outputs, signal }: CpuRunOptions = {},
  ): Promise<Record<string, Tensor>> {
    const { graph } = this;
    checkRun(graph, inputs, outputs);
    // Taken at the moment of the call: the caller may go on to change them.
    const given = new Map(graph.inputs.map((name) => [name, copyOf(inputs[name])]));
    const program = await this.#program(outputs);
    signal?.throwIfAborted();
    const results = await this.team.run(program, given, signal);
    const values = new Map(
      [...results].map(([name, { dtype, shape, data }]) => [name, new Tensor(dtype, shape, data)]),
    );
    return Object.fromEntries(countedOutputs(graph, outputs, values));
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.team.load--;
    for (const planned of this.#programs.values()) this.#drop(planned);
    this.#programs.clear();
  }

  /** The program that returns these outputs: planned on first use, and again after its threads died. */
  async #program(outputs: readonly string[]): Promise<TeamProgram> {
    this.checkRunner();
    if (this.#disposed) throw new DisposedError(`model "${this.graph.name}" was disposed`);
    const key = outputs.join('\n');
    const known = this.#programs.get(key);
    const isUsable = known && (!known.made || this.team.has(known.made));
    const planned = isUsable ? known : this.#plan(outputs);
    this.#programs.delete(key);
    this.#programs.set(key, planned);
    for (const [oldest, dropped] of this.#programs) {
      if (this.#programs.size <= MAX_PROGRAMS) break;
      this.#programs.delete(oldest);
      this.#drop(dropped);
    }
    try {
      planned.made = await planned.program;
    } catch (error) {
      if (this.#programs.get(key) === planned) this.#programs.delete(key);
      throw error;
    }
    if (this.#disposed) throw new DisposedError(`model "${this.graph.name}" was disposed`);
    return planned.made;
  }

  #plan(outputs: readonly string[]): Planned {
    const all = new Set([...outputs, ...countersOf(this.graph, outputs)]);
    const graph = { ...this.graph, outputs: [...all] };
    const fused = async (): Promise<Graph> =>
      this.fuse ? optimise(await withConstantsFolded(graph), { software: true }) : dropDead(graph);
    const planned = async (): Promise<TeamProgram> => {
      const optimised = await fused();
      checkLiveMemory(optimised, this.budget);
      return this.team.plan(optimised);
    };
    return { program: planned() };
  }

  #drop({ program }: Planned): void {
    program.then((made) => this.team.drop(made)).catch(() => {});
  }
}

function defaultThreads(): number {
  const cores = globalThis.navigator?.hardwareConcurrency ?? nodeModule('node:os')?.availableParallelism() ?? 1;
  return Math.min(cores, MAX_THREADS);
}

/** Browsers share memory only between the workers of a page that is cross-origin isolated. */
const canShareMemory = (): boolean =>
  typeof SharedArrayBuffer !== 'undefined' && globalThis.crossOriginIsolated !== false;
