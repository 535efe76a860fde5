import { DisposedError, FoveaError } from '../errors';
import { checkInput, copyOf, countedShape } from '../graph/run-arguments';
import type { Shape, Tensor } from '../tensor';
import { guarded } from './errors';
import { BufferUsage } from './flags';
import { bytesToTensor, constantBytes, paramBlocks, storageOf, tensorToBytes } from './host-data';
import type { Dispatch, Operand } from './kernel';
import { ALIGNMENT, align } from './memory-plan';
import type { CachedPipeline, PipelineCache } from './pipeline-cache';
import { elementBytes, type Plan, type PlanStep, scratchRoot } from './plan';
import { ReadbackRing } from './readback';
import type { StorageType } from './shader';

/** One launch, ready to be encoded. */
export interface BoundDispatch {
  readonly step: PlanStep;
  readonly dispatch: Dispatch;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
}

/** A stretch of a buffer. */
export interface BufferRange {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

/**
 * A plan bound to a device: pipelines, buffers, bind groups and uniforms are all made here, once. A frame then writes
 * its inputs, records one compute pass, submits once, and creates no GPU object but the command buffer.
 *
 * Requests may overlap: the queue runs them in order, each with a read-back buffer of its own.
 */
export class Session {
  readonly dispatches: readonly BoundDispatch[];
  readonly #ring: ReadbackRing;
  #disposed = false;

  private constructor(
    readonly device: GPUDevice,
    readonly pipelines: PipelineCache,
    readonly plan: Plan,
    private readonly buffers: SessionBuffers,
    compiled: readonly CachedPipeline[],
  ) {
    this.dispatches = bindAll(device, plan, buffers, compiled);
    this.#ring = new ReadbackRing(device, Math.max(16, this.#outputLayout().sizeBytes));
  }

  /**
   * @throws OutOfMemoryError, ShaderCompileError, GPUValidationError
   * @throws FoveaError when a tensor, weights among them, is larger than the device can bind
   */
  static async create(device: GPUDevice, pipelines: PipelineCache, plan: Plan): Promise<Session> {
    for (const [root, { sizeBytes }] of plan.memory.places) checkBindingSize(device, root, sizeBytes);
    const compiled = compilePlan(plan, pipelines);
    // Weights are packed while the driver compiles. What fails there is thrown where it is awaited.
    compiled.catch(() => {});
    const what = `graph "${plan.graph.name}"`;
    const buffers = new SessionBuffers(device, plan);
    try {
      await guarded(device, what, () => buffers.fill());
      const ready = await compiled;
      return await guarded(device, what, () => new Session(device, pipelines, plan, buffers, ready));
    } catch (error) {
      buffers.dispose();
      throw error;
    }
  }

  /** Bytes of GPU memory that the session holds: activations, weights, uniforms, read-back. */
  get memoryBytes(): number {
    return this.#disposed ? 0 : this.buffers.totalBytes + this.#ring.totalBytes;
  }

  /**
   * Runs the graph once.
   *
   * @param inputs host tensors by name; one that is left out must have been written on the GPU since the last run, in which its
   *   memory may have gone to others
   * @returns the graph's outputs by name
   */
  async run(inputs: Readonly<Record<string, Tensor>>): Promise<Map<string, Tensor>> {
    this.write(inputs);
    const encoder = this.device.createCommandEncoder();
    this.encode(encoder);
    const readback = this.encodeReadback(encoder);
    this.device.queue.submit([encoder.finish()]);
    return readback();
  }

  /** Queues host tensors into the input buffers. */
  write(inputs: Readonly<Record<string, Tensor>>): void {
    this.throwIfDisposed();
    for (const [name, tensor] of Object.entries(inputs)) {
      checkInput(this.plan.graph, name, tensor);
      const desc = this.plan.tensors.get(name)!;
      const storage = storageOf(desc.dtype, this.plan.precision);
      const bytes = padded(tensorToBytes(tensor, desc, storage));
      const { buffer, offset } = this.range(name);
      const start = offset + desc.offset * elementBytes(desc.dtype, this.plan.precision);
      this.device.queue.writeBuffer(buffer, start, bytes);
    }
  }

  /** Records every launch into one compute pass. */
  encode(encoder: GPUCommandEncoder): void {
    const pass = encoder.beginComputePass();
    let current: GPUComputePipeline | undefined;
    for (const { pipeline, bindGroup, dispatch } of this.dispatches) {
      if (pipeline !== current) pass.setPipeline(pipeline);
      current = pipeline;
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...dispatch.workgroups);
    }
    pass.end();
  }

  /** Records copies of the outputs; the returned function, called after the submission, waits for them. */
  encodeReadback(encoder: GPUCommandEncoder): () => Promise<Map<string, Tensor>> {
    const { graph, precision, tensors } = this.plan;
    const { places } = this.#outputLayout();
    const staging = this.#ring.take();
    for (const [value, start] of places) {
      const { buffer, offset, size } = this.range(value);
      encoder.copyBufferToBuffer(buffer, offset, staging, start, size);
    }
    return async () => {
      const bytes = await this.#ring.read(staging);
      const read = (value: string, shape?: Shape): Tensor => {
        const constant = graph.constants.get(value);
        if (constant) return copyOf(constant);
        const desc = tensors.get(value)!;
        const start = places.get(value)!;
        return bytesToTensor(
          bytes.slice(start, start + this.range(value).size),
          desc,
          storageOf(desc.dtype, precision),
          shape,
        );
      };
      return new Map(
        graph.outputs.map((output) => {
          const counter = graph.rowCounts?.get(output);
          return [output, read(output, counter === undefined ? undefined : countedShape(graph, output, read(counter)))];
        }),
      );
    };
  }

  /** The memory of a value's root. */
  range(value: string): BufferRange {
    return this.buffers.range(this.plan.tensors.get(value)!.root);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.buffers.dispose();
    this.#ring.dispose();
  }

  /** To be asked before anything is recorded, as WebGPU reports the use of what is gone later and elsewhere. */
  throwIfDisposed(): void {
    if (this.#disposed) throw new DisposedError(`the session of graph "${this.plan.graph.name}" was disposed`);
  }

  /** Where each value that is read back goes in a staging buffer. */
  #outputLayout(): { places: Map<string, number>; sizeBytes: number } {
    const { graph } = this.plan;
    const places = new Map<string, number>();
    let sizeBytes = 0;
    for (const value of [...graph.outputs, ...(graph.rowCounts?.values() ?? [])]) {
      if (graph.constants.has(value) || places.has(value)) continue;
      places.set(value, sizeBytes);
      sizeBytes += this.range(value).size;
    }
    return { places, sizeBytes };
  }
}

/** `writeBuffer` takes multiples of four bytes. */
export function padded(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (bytes.byteLength % 4 === 0) return bytes as Uint8Array<ArrayBuffer>;
  const whole = new Uint8Array(Math.ceil(bytes.byteLength / 4) * 4);
  whole.set(bytes);
  return whole;
}

/** The pipeline of each dispatch of a plan, in order. @throws ShaderCompileError */
export function compilePlan({ steps, precision }: Plan, pipelines: PipelineCache): Promise<CachedPipeline[]> {
  const dispatches = steps.flatMap(({ chosen }) => chosen.dispatches);
  return Promise.all(dispatches.map((dispatch) => pipelines.get(dispatch, storageTypeOf(dispatch, { precision }))));
}

/** The storage type of a dispatch in a plan. */
export function storageTypeOf(dispatch: Dispatch, plan: Pick<Plan, 'precision'>): StorageType {
  if (dispatch.storage === 'int32') return 'i32';
  return dispatch.storage === 'float32' ? 'f32' : plan.precision;
}

/** @throws FoveaError naming the tensor that needs more than the device binds */
function checkBindingSize(device: GPUDevice, tensor: string, sizeBytes: number): void {
  const { maxStorageBufferBindingSize, maxBufferSize } = device.limits;
  const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize);
  if (sizeBytes > limit) {
    throw new FoveaError(`tensor "${tensor}" needs ${sizeBytes} bytes, but the device binds at most ${limit}`);
  }
}

/** Activations, weights and uniforms of one session. */
class SessionBuffers {
  #activations: readonly GPUBuffer[] = [];
  readonly #constants = new Map<string, BufferRange>();
  readonly #buffers: GPUBuffer[] = [];
  uniforms!: GPUBuffer;
  readonly uniformOffsets: number[] = [];

  constructor(
    private readonly device: GPUDevice,
    private readonly plan: Plan,
  ) {}

  /** Makes the buffers, once. What was made before it fails goes with `dispose`. */
  fill(): void {
    this.#activations = this.plan.memory.buffers.map((size, i) =>
      this.#create(`activations ${i}`, size, BufferUsage.STORAGE),
    );
    this.#uploadConstants();
    this.uniforms = this.#uploadUniforms();
  }

  get totalBytes(): number {
    return this.#buffers.reduce((sum, buffer) => sum + buffer.size, 0);
  }

  /** A root's place in words; a constant's is its key, which has a sign that no place has. */
  placeOf(root: string): string {
    const place = this.plan.memory.places.get(root);
    return place ? `${place.buffer}+${place.offset}+${place.sizeBytes}` : JSON.stringify(root);
  }

  /** Planned memory, or a constant by its key. */
  range(root: string): BufferRange {
    const place = this.plan.memory.places.get(root);
    if (place) return { buffer: this.#activations[place.buffer], offset: place.offset, size: place.sizeBytes };
    const constant = this.#constants.get(root);
    if (!constant) throw new FoveaError(`nothing in the plan of "${this.plan.graph.name}" holds "${root}"`);
    return constant;
  }

  dispose(): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }

  #create(label: string, size: number, usage: number): GPUBuffer {
    const buffer = this.device.createBuffer({
      label: `${this.plan.graph.name}: ${label}`,
      size: Math.max(16, size),
      usage: usage | BufferUsage.COPY_DST | BufferUsage.COPY_SRC,
    });
    this.#buffers.push(buffer);
    return buffer;
  }

  /** All constants that dispatches read, packed one after the other into as few buffers as the device allows. */
  #uploadConstants(): void {
    const limit = Math.min(this.device.limits.maxBufferSize, 2 ** 28);
    let pending: { key: string; bytes: Uint8Array; offset: number }[] = [];
    let end = 0;
    const flush = (): void => {
      if (pending.length === 0) return;
      const buffer = this.#create('weights', end, BufferUsage.STORAGE);
      for (const { key, bytes, offset } of pending) {
        this.device.queue.writeBuffer(buffer, offset, padded(bytes));
        this.#constants.set(key, { buffer, offset, size: Math.max(16, Math.ceil(bytes.byteLength / 16) * 16) });
      }
      pending = [];
      end = 0;
    };
    for (const [key, make] of constantBytes(this.plan)) {
      const bytes = make();
      checkBindingSize(this.device, key, bytes.byteLength);
      if (end + align(bytes.byteLength) > limit) flush();
      pending.push({ key, bytes, offset: end });
      end += align(Math.max(16, bytes.byteLength));
    }
    flush();
  }

  #uploadUniforms(): GPUBuffer {
    const { blocks, blockOf } = paramBlocks(this.plan);
    const step = Math.max(ALIGNMENT, this.device.limits.minUniformBufferOffsetAlignment);
    let end = 0;
    const offsets = blocks.map(({ byteLength }) => {
      const offset = end;
      end += Math.ceil(Math.max(16, byteLength) / step) * step;
      return offset;
    });
    for (const block of blockOf) this.uniformOffsets.push(offsets[block]);
    const all = new Uint8Array(Math.max(16, end));
    for (const [i, block] of blocks.entries()) all.set(block, offsets[i]);
    const buffer = this.#create('uniforms', all.byteLength, BufferUsage.UNIFORM);
    this.device.queue.writeBuffer(buffer, 0, all);
    return buffer;
  }
}

function bindAll(
  device: GPUDevice,
  plan: Plan,
  buffers: SessionBuffers,
  pipelines: readonly CachedPipeline[],
): BoundDispatch[] {
  let index = 0;
  // Launches of one shader that read and write the same places share a bind group.
  const bindGroups = new Map<string, GPUBindGroup>();
  return plan.steps.flatMap((step) =>
    step.chosen.dispatches.map((dispatch): BoundDispatch => {
      const { shader, bind } = dispatch;
      const { pipeline, layout } = pipelines[index];
      const offset = buffers.uniformOffsets[index++];
      const roots = shader.bindings.map(({ name, type }) => {
        if (type === 'uniform') return '';
        if (!bind[name]) throw new FoveaError(`${step.node.name}: shader ${shader.name} needs "${name}" bound`);
        return rootOf(bind[name], step, plan);
      });
      const key = `${shader.name} ${offset} ${roots.map((root) => buffers.placeOf(root))}`;
      let bindGroup = bindGroups.get(key);
      if (!bindGroup) {
        const uniform = { buffer: buffers.uniforms, offset, size: shader.params.sizeBytes };
        const entries = shader.bindings.map(({ index: binding, type }, i) => ({
          binding,
          resource: type === 'uniform' ? uniform : buffers.range(roots[i]),
        }));
        bindGroup = device.createBindGroup({ layout, entries });
        bindGroups.set(key, bindGroup);
      }
      return { step, dispatch, pipeline, bindGroup };
    }),
  );
}

function rootOf(operand: Operand, step: PlanStep, plan: Plan): string {
  if (operand.kind === 'constant') return operand.key;
  return operand.kind === 'scratch' ? scratchRoot(step.node, operand.name) : plan.tensors.get(operand.value)!.root;
}
