import { ArgumentError, DisposedError } from '../errors';
import { checkInput } from '../graph/run-arguments';
import { type DataType, type Shape, sizeOf, stridesOf, type Tensor } from '../tensor';
import type { DeviceTraits } from './adapter-profile';
import { FixedPass } from './fixed-pass';
import { BufferUsage } from './flags';
import { bytesToTensor, storageOf, tensorToBytes } from './host-data';
import type { Dispatch } from './kernel';
import { paddedChannels, stridedCopy, wholeOf } from './kernels/strided-copy';
import type { TensorDesc } from './layout';
import { elementBytes } from './plan';
import { mapForReading } from './readback';
import { type BufferRange, padded, type Session, storageTypeOf } from './session';
import type { StorageType } from './shader';

/**
 * A tensor in GPU memory: row-major, `float32` as the engine's precision says (4 or 2 bytes a number), `int32` and `bool`
 * as 32-bit integers. `GpuTensor`s are such, and so is any buffer of the engine's device that a caller describes.
 */
export interface GpuTensorLike {
  readonly dtype: DataType;
  readonly shape: Shape;
  /** Has the usage STORAGE. */
  readonly buffer: GPUBuffer;
  /** Where the first element lies, in bytes: a multiple of an element's. Default 0. */
  readonly offset?: number;
}

/** What a network takes: tensors of the host or of the GPU, by name. */
export type RunInputs = Readonly<Record<string, Tensor | GpuTensorLike>>;

/** An output that stayed on the GPU, in a buffer of its own. Whoever asked for it disposes of it. */
export class GpuTensor implements GpuTensorLike {
  readonly offset = 0;
  #disposed = false;

  /** @internal */
  constructor(
    readonly device: GPUDevice,
    readonly dtype: DataType,
    readonly shape: Shape,
    /** How an element is stored. */
    readonly storage: StorageType,
    readonly buffer: GPUBuffer,
    /** Of an output whose length only the run tells: how many of the rows count, and the axis that they lie along. */
    readonly rows: { readonly count: GpuTensor; readonly axis: number } | undefined,
    private readonly onDispose: () => void,
  ) {}

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Reads it back; of rows only those that count. @throws DisposedError, DeviceLostError */
  async toTensor(): Promise<Tensor> {
    if (this.#disposed) throw new DisposedError('the GPU tensor was disposed');
    const { rows } = this;
    const count = rows && (await rows.count.toTensor()).data[0];
    const shape = rows && count !== undefined ? this.shape.with(rows.axis, count) : this.shape;
    return bytesToTensor(await this.#bytes(), rowMajor(this), this.storage, shape);
  }

  /** Frees its memory. Runs that were begun with it still read it. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.buffer.destroy();
    this.rows?.count.dispose();
    this.onDispose();
  }

  async #bytes(): Promise<ArrayBuffer> {
    const { device, buffer } = this;
    const usage = BufferUsage.MAP_READ | BufferUsage.COPY_DST;
    const staging = device.createBuffer({ label: 'read-back of a GPU tensor', size: buffer.size, usage });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
    device.queue.submit([encoder.finish()]);
    await mapForReading(device, staging);
    const bytes = staging.getMappedRange().slice(0);
    staging.destroy();
    return bytes;
  }
}

/** Whether an input lies on the GPU. */
export const isOnGpu = (input: Tensor | GpuTensorLike): input is GpuTensorLike => 'buffer' in input;

export interface GpuRunOptions {
  readonly traits: DeviceTraits;
  /** Leave the outputs on the GPU, instead of reading them back. */
  readonly keep: boolean;
  /** Counts a result's memory as its model's, until the function that it returns is called. */
  readonly hold: (bytes: () => number) => () => void;
}

/** Copies a session's outputs behind its run, each time to tensors of their own. */
export interface OutputKeeper {
  /** Records the copies. Whoever asked for the tensors disposes of them. */
  encode(encoder: GPUCommandEncoder): Map<string, GpuTensor>;
  dispose(): void;
}

/** @throws ShaderCompileError */
export async function keepOutputs(
  session: Session,
  { traits, hold }: Pick<GpuRunOptions, 'traits' | 'hold'>,
): Promise<OutputKeeper> {
  const { plan, pipelines } = session;
  const outputs = await Promise.all(
    plan.graph.outputs.map(async (name) => {
      if (plan.graph.constants.has(name)) return { name };
      const dispatch = outwards(session, name, traits);
      const { shader, constants } = dispatch;
      const storage = storageTypeOf(dispatch, plan);
      return { name, dispatch, pass: await FixedPass.create(pipelines, shader, { storage, constants }) };
    }),
  );
  return {
    encode(encoder) {
      const results = outputs.map(({ name, pass, dispatch }) => {
        const result = makeResult(session, name, hold);
        const { buffer } = result;
        const y = { buffer, offset: 0, size: buffer.size };
        if (pass) pass.encode(encoder, { x: session.range(name), y }, dispatch.params, dispatch.workgroups);
        else writeConstant(session, name, buffer);
        return [name, result] as const;
      });
      return new Map(results);
    },
    dispose() {
      for (const { pass } of outputs) pass?.dispose();
    },
  };
}

/** The bytes of a constant are written from the host. */
function writeConstant({ device, plan }: Session, name: string, buffer: GPUBuffer): void {
  const { dtype, shape } = plan.tensors.get(name)!;
  const bytes = tensorToBytes(
    plan.graph.constants.get(name)!,
    rowMajor({ dtype, shape }),
    storageOf(dtype, plan.precision),
  );
  device.queue.writeBuffer(buffer, 0, padded(bytes));
}

/** The launch that copies a value to a row-major tensor outside. */
function outwards({ plan }: Session, name: string, traits: DeviceTraits): Dispatch {
  const desc = plan.tensors.get(name)!;
  return stridedCopy(desc.shape, wholeOf(desc), wholeOf(rowMajor(desc)), traits);
}

/** A launch that copies between the memory of a session and a row-major tensor outside it. */
interface Copy {
  readonly dispatch: Dispatch;
  readonly x: BufferRange;
  readonly y: BufferRange;
}

/**
 * Runs a session's graph on inputs of the host and of the GPU, in one submission.
 *
 * @throws ArgumentError for a buffer that cannot be read, or is too short
 */
export async function runWithGpuTensors(
  session: Session,
  inputs: RunInputs,
  { traits, keep, hold }: GpuRunOptions,
): Promise<Map<string, Tensor | GpuTensor>> {
  const { device, plan } = session;
  const entries = Object.entries(inputs);
  const fromHost = Object.fromEntries(entries.filter((entry): entry is [string, Tensor] => !isOnGpu(entry[1])));
  const arriving = entries.flatMap(([name, input]) => (isOnGpu(input) ? copyIn(session, name, input, traits) : []));
  const results = new Map((keep ? plan.graph.outputs : []).map((name) => [name, makeResult(session, name, hold)]));
  const leaving = [...results].flatMap(([name, { buffer, rows }]) => [
    ...copyOut(session, name, buffer, traits),
    ...(rows ? copyOut(session, plan.graph.rowCounts!.get(name)!, rows.count.buffer, traits) : []),
  ]);
  const passes: FixedPass[] = [];
  const prepare = async ({ dispatch, x, y }: Copy): Promise<(encoder: GPUCommandEncoder) => void> => {
    const { shader, constants, params, workgroups } = dispatch;
    const storage = storageTypeOf(dispatch, plan);
    const pass = await FixedPass.create(session.pipelines, shader, { storage, constants });
    passes.push(pass);
    return (encoder) => pass.encode(encoder, { x, y }, params, workgroups);
  };
  try {
    const [before, after] = await Promise.all([arriving, leaving].map((copies) => Promise.all(copies.map(prepare))));
    // From here to the submission without waiting: runs that overlap share the session's memory.
    session.throwIfDisposed();
    session.write(fromHost);
    const encoder = device.createCommandEncoder();
    for (const encode of before) encode(encoder);
    session.encode(encoder);
    for (const encode of after) encode(encoder);
    const read = keep ? undefined : session.encodeReadback(encoder);
    device.queue.submit([encoder.finish()]);
    return read ? await read() : results;
  } catch (error) {
    for (const result of results.values()) result.dispose();
    throw error;
  } finally {
    for (const pass of passes) pass.dispose();
  }
}

function copyIn(session: Session, name: string, input: GpuTensorLike, traits: DeviceTraits): Copy {
  checkInput(session.plan.graph, name, input, true);
  const { buffer, offset = 0 } = input;
  const desc = session.plan.tensors.get(name)!;
  const unit = elementBytes(desc.dtype, session.plan.precision);
  const end = offset + sizeOf(desc.shape) * unit;
  const what = `the buffer of input "${name}"`;
  if (input instanceof GpuTensor) {
    if (input.disposed) throw new DisposedError(`input "${name}" was disposed`);
    if (input.device !== session.device) throw new ArgumentError(`input "${name}" lies on another engine's device`);
  }
  if (!(offset >= 0 && offset % unit === 0)) {
    throw new ArgumentError(`${what} must begin at a multiple of ${unit} bytes, not at ${offset}`);
  }
  if (buffer.size < end) throw new ArgumentError(`${what} has ${buffer.size} bytes, where ${end} are needed`);
  if (!(buffer.usage & BufferUsage.STORAGE)) {
    throw new ArgumentError(`${what} must have the usage STORAGE, has ${buffer.usage}`);
  }
  // A binding begins at a multiple of this; the shader adds the rest.
  const start = offset - (offset % session.device.limits.minStorageBufferOffsetAlignment);
  const range = { buffer, offset: start, size: Math.ceil((end - start) / 4) * 4 };
  const from = { ...rowMajor(desc), offset: (offset - start) / unit };
  const dispatch = stridedCopy(desc.shape, wholeOf(from), wholeOf(desc), traits, paddedChannels(desc));
  return { dispatch, x: range, y: session.range(name) };
}

/** Nothing for a constant, whose bytes are written from the host. */
function copyOut(session: Session, name: string, buffer: GPUBuffer, traits: DeviceTraits): Copy[] {
  if (session.plan.graph.constants.has(name)) {
    writeConstant(session, name, buffer);
    return [];
  }
  const y = { buffer, offset: 0, size: buffer.size };
  return [{ dispatch: outwards(session, name, traits), x: session.range(name), y }];
}

function makeResult(session: Session, name: string, hold: GpuRunOptions['hold']): GpuTensor {
  const { device, plan } = session;
  const { graph, tensors, precision } = plan;
  const { dtype, shape } = tensors.get(name)!;
  const counter = graph.rowCounts?.get(name);
  const rows =
    counter === undefined
      ? undefined
      : { count: makeResult(session, counter, hold), axis: graph.rowAxes?.get(name) ?? 0 };
  const size = Math.max(16, Math.ceil((sizeOf(shape) * elementBytes(dtype, precision)) / 16) * 16);
  const usage = BufferUsage.STORAGE | BufferUsage.COPY_SRC | BufferUsage.COPY_DST;
  const buffer = device.createBuffer({ label: `${graph.name}: ${name}`, size, usage });
  const storage = storageOf(dtype, precision);
  return new GpuTensor(
    device,
    dtype,
    shape,
    storage,
    buffer,
    rows,
    hold(() => size),
  );
}

const rowMajor = ({ dtype, shape }: Pick<TensorDesc, 'dtype' | 'shape'>): TensorDesc => ({
  value: '',
  root: '',
  dtype,
  shape,
  layout: 'linear',
  offset: 0,
  strides: stridesOf(shape),
});
