import { asBytes, checkOptions, kindOf } from './arguments';
import { ArgumentError, DeviceLostError, DisposedError } from './errors';
import { type Connection, connect } from './gpu/connection';
import type { AdapterReport, DeviceOptions } from './gpu/device';
import type { Precision } from './gpu/plan';
import { planGraph } from './gpu/plan-graph';
import type { SelfTestReport } from './gpu/self-test';
import { compilePlan } from './gpu/session';
import type { TuningOptions } from './gpu/tuner';
import type { Graph } from './graph/graph';
import type { MemoryBudget } from './graph/memory-budget';
import { type LoadOptions, Model, type ModelHost } from './model';
import { withConstantsFolded } from './reference/fold';
import type { Runner } from './runner';

export interface EngineOptions extends DeviceOptions, MemoryBudget {
  /** How float tensors are stored. 'auto' takes float16 where the adapter has it; sums are float32 either way. Default 'f32'. */
  readonly precision?: Precision | 'auto';
  /** Runs {@link Engine.selfTest} at once. Default false. */
  readonly selfTest?: boolean;
  /** Whether `load` tunes unless it is told: the way to have the tasks' networks tuned. Default false. */
  readonly tune?: boolean | TuningOptions;
}

/** The GPU memory that one engine holds, in bytes. */
export interface MemoryReport {
  readonly totalBytes: number;
  readonly models: readonly { readonly name: string; readonly bytes: number }[];
}

/**
 * Runs networks on one GPU device. Several models share it, and its pipelines.
 *
 * ```ts
 * const engine = await Engine.create();
 * const model = await engine.load(graph);
 * const { y } = await model.run({ x });
 * ```
 */
export class Engine implements Runner, ModelHost {
  readonly kind = 'gpu';
  readonly #models = new Set<Model>();
  readonly #options: EngineOptions;
  #connection: Connection;
  #reconnecting: Promise<Connection> | undefined;
  #selfTest: SelfTestReport | undefined;
  #disposed = false;

  private constructor(connection: Connection, options: EngineOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** @throws WebGPUUnavailableError whose `step` says which step failed */
  static async create(options: EngineOptions = {}): Promise<Engine> {
    checkOptions(options, {
      device: true,
      gpu: true,
      powerPreference: true,
      defaultLimits: true,
      precision: true,
      tune: true,
      maxActivationBytes: true,
      selfTest: true,
    });
    const engine = new Engine(await connect(options), options);
    if (options.selfTest) await engine.selfTest();
    return engine;
  }

  /** The adapter's. */
  get name(): string {
    return this.adapter.name;
  }

  /** The adapter that runs the shaders; after a loss, the one of the next device. */
  get adapter(): AdapterReport {
    return this.#connection.report;
  }

  /** The current device: a lost one is replaced by the next call that needs one. */
  get device(): GPUDevice {
    return this.#connection.device;
  }

  /** How float tensors are stored on this adapter. @throws ArgumentError when float16 was asked for and it has none */
  get precision(): Precision {
    const { precision = 'f32' } = this.#options;
    if (precision === 'f32') return 'f32';
    if (this.avoid?.has('float16')) return 'f32';
    if (this.adapter.shaderF16) return 'f16';
    if (precision === 'auto') return 'f32';
    throw new ArgumentError(`precision f16 needs shader-f16, which adapter ${this.adapter.name} lacks`);
  }

  /** Kernels, or `float16`, that failed the self-test, and are not chosen. */
  get avoid(): ReadonlySet<string> | undefined {
    return this.#selfTest?.avoided;
  }

  /** The last self-test's report. */
  get selfTestReport(): SelfTestReport | undefined {
    return this.#selfTest;
  }

  /**
   * Compares every kernel family, in float16 too if the adapter has it, with stored answers. What a driver gets wrong is
   * not used for networks that are loaded afterwards; the report names it. On a GPU it takes some compiling and a few
   * milliseconds of work.
   *
   * @param isWanted leaves tests out, by their names
   * @throws DeviceLostError, DisposedError
   */
  async selfTest(isWanted?: (test: string) => boolean): Promise<SelfTestReport> {
    const connection = await this.connection();
    this.#selfTest = await (await import('./gpu/self-test')).selfTest(connection, isWanted);
    return this.#selfTest;
  }

  /** The most memory that a network's values may take at once. */
  get maxActivationBytes(): number {
    return this.#options.maxActivationBytes ?? 2 ** 30;
  }

  /** Whether `load` tunes unless it is told. */
  get tune(): boolean | TuningOptions {
    return this.#options.tune ?? false;
  }

  /**
   * Prepares a network for this device: fuses, plans, compiles.
   *
   * @param network a graph, or the bytes of an ONNX file, whose reader is only loaded then
   * @throws UnsupportedOperatorError, OutOfMemoryError, ShaderCompileError, ModelFormatError
   * @throws DeviceLostError, DisposedError
   */
  async load(network: Graph | Uint8Array | ArrayBuffer, options: LoadOptions = {}): Promise<Model> {
    this.#check();
    checkOptions(options, { optimise: true, guardElements: true, choose: true, tune: true });
    const bytes = asBytes(network);
    if (!bytes && !(network as Partial<Graph> | undefined)?.nodes) {
      throw new ArgumentError(`a network is a Graph or the bytes of an ONNX file, got ${kindOf(network)}`);
    }
    const graph =
      bytes !== undefined
        ? (await import('./formats/onnx')).importOnnx(bytes)
        : await withConstantsFolded(network as Graph);
    const model: Model = new Model(this, graph, options, () => this.#models.delete(model));
    this.#models.add(model);
    try {
      await model.guard(() => model.session());
    } catch (error) {
      model.dispose();
      throw error;
    }
    return model;
  }

  /**
   * Compiles the shaders of a graph while its constants are still on their way: only their shapes matter. Loading the
   * graph is then faster.
   *
   * @throws ShaderCompileError, UnsupportedOperatorError, DeviceLostError, DisposedError
   */
  async compile(graph: Graph): Promise<void> {
    const { pipelines, traits } = await this.connection();
    const folded = await withConstantsFolded(graph);
    await compilePlan(
      await planGraph(folded, { precision: this.precision, device: traits, avoid: this.avoid }),
      pipelines,
    );
  }

  /** The connection, unless its device is lost or the engine was disposed. */
  get live(): Connection | undefined {
    return this.#disposed || this.#connection.lost ? undefined : this.#connection;
  }

  /** The live device, opened anew if it was lost. @throws DeviceLostError when it cannot be, DisposedError */
  async connection(): Promise<Connection> {
    this.#check();
    if (!this.#connection.lost) return this.#connection;
    this.#reconnecting ??= this.#reconnect().finally(() => {
      this.#reconnecting = undefined;
    });
    return this.#reconnecting;
  }

  async #reconnect(): Promise<Connection> {
    if (this.#options.device)
      throw new DeviceLostError("the caller's device was lost: make an engine with another one");
    const connection = await connect(this.#options).catch((cause: unknown) => {
      throw new DeviceLostError('the GPU device was lost and no new one could be opened', { cause });
    });
    // Disposed of meanwhile: the device that came too late goes as well.
    if (this.#disposed) connection.close();
    this.#check();
    this.#connection = connection;
    return connection;
  }

  /** The GPU memory that the models hold now. */
  memory(): MemoryReport {
    const models = [...this.#models].map((model) => ({ name: model.graph.name, bytes: model.memoryBytes }));
    return { totalBytes: models.reduce((sum, { bytes }) => sum + bytes, 0), models };
  }

  /** Disposes every model and gives the device back, unless it is the caller's. */
  dispose(): void {
    if (this.#disposed) return;
    for (const model of [...this.#models]) model.dispose();
    this.#disposed = true;
    this.#connection.close();
  }

  #check(): void {
    if (this.#disposed) throw new DisposedError('the engine was disposed');
  }
}
