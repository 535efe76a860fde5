import { checkOptions, kindOf } from './arguments';
import { ArgumentError, DeviceLostError, DisposedError, FoveaError, ShaderCompileError } from './errors';
import type { Connection } from './gpu/connection';
import type { GpuTensor, RunInputs } from './gpu/gpu-tensor';
import type { Plan, PlanOptions, Precision } from './gpu/plan';
import { planGraph } from './gpu/plan-graph';
import type { LayerTiming } from './gpu/profiler';
import { isLost, LOST_NEWS_MS } from './gpu/readback';
import { Session } from './gpu/session';
import type { StopwatchOptions } from './gpu/stopwatch';
import type { TuningOptions, TuningReport } from './gpu/tuner';
import type { Graph } from './graph/graph';
import { checkRun, copyOf } from './graph/run-arguments';
import type { LoadedGraph, Tensors } from './runner';
import type { Tensor } from './tensor';

export interface LoadOptions {
  /** Run the graph as it is, without fusing. */
  readonly optimise?: boolean;
  /** @internal */
  readonly guardElements?: number;
  /** Picks among the ways to run a node. */
  readonly choose?: PlanOptions['choose'];
  /**
   * Measure the ways to run each node on this device and take the fastest; `model.tuning` says what came of it.
   * Otherwise the best guesses for such a device are taken, which cost no time. Default: as the engine was told.
   */
  readonly tune?: boolean | TuningOptions;
}

export interface RunOptions {
  /** Values to return instead of the graph's outputs: any value of the graph, as `conv1`. */
  readonly outputs?: readonly string[];
  /** Time every layer as well; the result has the timings under the symbol `layerTimings`. Only of inputs on the host. */
  readonly profile?: boolean;
  /** Where the outputs shall be. On the GPU they are `GpuTensor`s, which nobody waits for. Default 'host'. */
  readonly on?: 'host' | 'gpu';
}

/** The key of the layers' times in a profiled result: a symbol, since any word may be the name of a value. */
export const layerTimings: unique symbol = Symbol('layerTimings');

/** Values by name and, from a run with `profile: true`, the time of every layer. */
export interface ProfiledResult {
  readonly [layerTimings]: readonly LayerTiming[];
  readonly [value: string]: Tensor;
}

/** The promise of a session, and how many runs are using it now. */
interface HeldSession {
  readonly key: string;
  readonly connection: Connection;
  readonly session: Promise<Session>;
  /** Whether it returns the graph's own outputs. */
  readonly isOwn: boolean;
  users: number;
  /** Known once the session is made. */
  memoryBytes?: () => number;
}

/** The part of an engine that its models use. */
export interface ModelHost {
  readonly precision: Precision;
  readonly tune: boolean | TuningOptions;
  readonly maxActivationBytes: number;
  /** Kernels that failed the self-test. */
  readonly avoid: ReadonlySet<string> | undefined;
  /** The connection, unless its device is lost or the engine was disposed. */
  readonly live: Connection | undefined;
  /** The device, opened anew if it was lost. @throws DeviceLostError, DisposedError */
  connection(): Promise<Connection>;
}

/** How many sessions a model keeps, each with its own weights: one for the graph's outputs, others for other values. */
const MAX_SESSIONS = 4;

/** A graph on an engine's device. Its constants stay in host memory, so that it survives the loss of a device. */
export class Model implements LoadedGraph {
  /** Sessions by the outputs they return, the latest used last; those of a lost device are made anew. */
  readonly #sessions = new Map<string, HeldSession>();
  /** Memory beside the sessions, in bytes. */
  readonly #held = new Set<() => number>();
  #plan: Plan | undefined;
  #tuning: TuningReport | undefined;
  #disposed = false;

  /** @internal Use `engine.load`. */
  constructor(
    private readonly host: ModelHost,
    readonly graph: Graph,
    private readonly options: LoadOptions,
    private readonly onDispose: () => void,
  ) {}

  /** The plan for the graph's own outputs, on the device that ran it last. */
  get plan(): Plan {
    if (!this.#plan) throw new FoveaError(`model "${this.graph.name}" was never loaded`);
    return this.#plan;
  }

  /** The results of tuning, if the model was loaded with `tune`. */
  get tuning(): TuningReport | undefined {
    return this.#tuning;
  }

  /** GPU memory in bytes: its sessions, and pictures and masks on their way. */
  get memoryBytes(): number {
    const sessions = [...this.#sessions.values()].map(({ memoryBytes }) => memoryBytes);
    return [...sessions, ...this.#held].reduce((sum, bytes) => sum + (bytes?.() ?? 0), 0);
  }

  /**
   * Runs the graph on one set of inputs, on the host or on this engine's device. Calls may overlap.
   *
   * ```ts
   * const result = await model.run({ x }, { profile: true });
   * for (const { node, timeMs } of result[layerTimings]) console.log(node, timeMs);
   *
   * const { features } = await backbone.run({ x }, { on: 'gpu' });
   * const { scores } = await head.run({ features });
   * features.dispose();
   * ```
   *
   * @throws DeviceLostError, DisposedError, ArgumentError
   */
  run(inputs: Tensors, options: RunOptions & { readonly profile: true }): Promise<ProfiledResult>;
  run(inputs: RunInputs, options: RunOptions & { readonly on: 'gpu' }): Promise<Record<string, GpuTensor>>;
  run(inputs: RunInputs, options?: RunOptions): Promise<Record<string, Tensor>>;
  async run(inputs: RunInputs, options: RunOptions = {}): Promise<Record<string, Tensor | GpuTensor>> {
    checkOptions(options, { outputs: true, profile: true, on: true });
    const { outputs = this.graph.outputs, profile, on = 'host' } = options;
    if (on !== 'host' && on !== 'gpu')
      throw new ArgumentError(`outputs can be on "host" or "gpu", not on ${kindOf(on)}`);
    checkRun(this.graph, inputs, outputs, true);
    // Taken at the moment of the call: the caller may go on to change them.
    const entries = Object.entries(inputs).map(([name, t]) => [name, 'buffer' in t ? t : copyOf(t)] as const);
    const taken: RunInputs = Object.fromEntries(entries);
    const usesGpuTensors = on === 'gpu' || entries.some(([, tensor]) => 'buffer' in tensor);
    if (usesGpuTensors && profile) throw new ArgumentError('layers are timed with inputs and outputs on the host');
    return this.guard(() =>
      this.#use(outputs, async (session) => {
        if (usesGpuTensors) return this.#runOnGpu(session, taken, on === 'gpu');
        const result = Object.fromEntries(await session.run(taken as Tensors));
        return profile
          ? Object.assign(result, { [layerTimings]: await timeLayers(session, taken as Tensors) })
          : result;
      }),
    );
  }

  async #runOnGpu(session: Session, inputs: RunInputs, keep: boolean): Promise<Record<string, Tensor | GpuTensor>> {
    const { runWithGpuTensors } = await import('./gpu/gpu-tensor');
    const { traits } = await this.host.connection();
    const hold = this.hold.bind(this);
    return Object.fromEntries(await runWithGpuTensors(session, inputs, { traits, keep, hold }));
  }

  /** Times every layer on these inputs. @throws DeviceLostError, DisposedError, ArgumentError */
  async profile(inputs: Tensors, options: StopwatchOptions = {}): Promise<LayerTiming[]> {
    checkRun(this.graph, inputs, []);
    return this.guard(async () => {
      const session = await this.session();
      // The first run of a pipeline has costs of its own.
      await session.run(inputs);
      return timeLayers(session, inputs, options);
    });
  }

  /**
   * Runs some work, which asks for this model's session itself. If the device fails meanwhile, throws Fovea's own error.
   *
   * @throws DeviceLostError, DisposedError, OutOfMemoryError, GPUValidationError
   * @internal
   */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    const connection = this.host.live ?? (await this.host.connection());
    const faults = connection.watchFaults();
    try {
      const result = await work();
      faults.throwFirst();
      return result;
    } catch (error) {
      if (this.#disposed) {
        // Work may fail in any way when what it uses is taken away.
        if (error instanceof DisposedError) throw error;
        throw new DisposedError(`model "${this.graph.name}" was disposed while it was at work`, { cause: error });
      }
      if (error instanceof DeviceLostError || error instanceof ArgumentError) throw error;
      faults.throwFirst();
      if (!(await isLost(connection.device, patienceMs(error)))) throw error;
      throw new DeviceLostError(`the GPU device was lost while "${this.graph.name}" ran`, { cause: error });
    } finally {
      faults.end();
    }
  }

  /**
   * Counts further memory, such as that of a picture on its way in, as this model's.
   *
   * @returns a function that ends the counting
   * @internal
   */
  hold(bytes: () => number): () => void {
    this.#held.add(bytes);
    return () => this.#held.delete(bytes);
  }

  /** The device, unless it is lost. @internal */
  get liveDevice(): GPUDevice | undefined {
    return this.host.live?.device;
  }

  /** The bound plan that returns these outputs, made on first use. That for the graph's own outputs is kept. @internal */
  session(outputs: readonly string[] = this.graph.outputs): Promise<Session> {
    return this.#use(outputs, async (session) => session);
  }

  /** Works with the session that returns these outputs, which is not dropped meanwhile. */
  async #use<T>(outputs: readonly string[], work: (session: Session) => Promise<T>): Promise<T> {
    this.#check();
    const connection = await this.host.connection();
    this.#check();
    // A lost device holds nothing: drop its sessions.
    for (const held of this.#sessions.values()) if (held.connection !== connection) this.#drop(held);
    const key = outputs.join('\n');
    const held = this.#sessions.get(key) ?? this.#hold(key, connection, outputs);
    this.#sessions.delete(key);
    this.#sessions.set(key, held);
    held.users++;
    try {
      const session = await held.session;
      this.#check();
      // A session in use is dropped for no other reason.
      if (this.#sessions.get(key) !== held) {
        throw new DeviceLostError(`the GPU device was lost while "${this.graph.name}" was prepared for it`);
      }
      if (held.isOwn) this.#plan = session.plan;
      return await work(session);
    } finally {
      held.users--;
      const unused = [...this.#sessions.values()].filter(({ isOwn, users }) => !isOwn && users === 0);
      for (const old of unused.slice(0, Math.max(0, this.#sessions.size - MAX_SESSIONS))) this.#drop(old);
    }
  }

  #hold(key: string, connection: Connection, outputs: readonly string[]): HeldSession {
    const isOwn = key === this.graph.outputs.join('\n');
    const held: HeldSession = { key, connection, session: this.#makeSession(connection, outputs), isOwn, users: 0 };
    held.session.then(
      (session) => {
        held.memoryBytes = () => session.memoryBytes;
      },
      // A failure is not kept: the next request tries again.
      () => this.#drop(held),
    );
    return held;
  }

  #drop(held: HeldSession): void {
    held.session.then((session) => session.dispose()).catch(() => {});
    // After a loss another one may be in its place.
    if (this.#sessions.get(held.key) === held) this.#sessions.delete(held.key);
  }

  /** Frees its GPU memory. Runs that were submitted still answer; all others end in a DisposedError. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const held of this.#sessions.values()) this.#drop(held);
    this.#held.clear();
    this.onDispose();
  }

  #check(): void {
    if (this.#disposed) throw new DisposedError(`model "${this.graph.name}" was disposed`);
  }

  async #makeSession(connection: Connection, outputs: readonly string[]): Promise<Session> {
    const rowCounts = new Map([...(this.graph.rowCounts ?? [])].filter(([value]) => outputs.includes(value)));
    const { optimise, guardElements, choose, tune = this.host.tune } = this.options;
    const plan = await planGraph(
      { ...this.graph, outputs, rowCounts },
      {
        precision: this.host.precision,
        maxActivationBytes: this.host.maxActivationBytes,
        avoid: this.host.avoid,
        device: connection.traits,
        optimise,
        guardElements,
        choose,
        ...(tune && { tune: (draft: Plan) => this.#tune(draft, connection, tune === true ? {} : tune) }),
      },
    );
    return Session.create(connection.device, connection.pipelines, plan);
  }

  /** Tunes once: the result holds for the same layers in plans with other outputs, and on a device opened anew. */
  async #tune(draft: Plan, connection: Connection, options: TuningOptions): Promise<TuningReport['choose']> {
    // Imported lazily, as the profiler: few programs tune or profile.
    this.#tuning ??= await (await import('./gpu/tuner')).tune(draft, connection, options);
    return this.#tuning.choose;
  }
}

/** How long after an error a device may say that it is lost, which was the reason. */
function patienceMs(error: unknown): number {
  // Only a lost device rejects with OperationError.
  if (error instanceof DOMException && error.name === 'OperationError') return LOST_NEWS_MS;
  return error instanceof FoveaError && !(error instanceof ShaderCompileError) ? 10 : 1000;
}

async function timeLayers(session: Session, inputs: Tensors, options?: StopwatchOptions): Promise<LayerTiming[]> {
  const { profile } = await import('./gpu/profiler');
  // Layers that came after their last reader may have taken their memory.
  session.write(inputs);
  return profile(session, options);
}
