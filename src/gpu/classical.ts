import kMeansAssignWgsl from '../../shaders/k-means-assign.wgsl?raw';
import kMeansUpdateWgsl from '../../shaders/k-means-update.wgsl?raw';
import histogramWgsl from '../../shaders/otsu-histogram.wgsl?raw';
import splitWgsl from '../../shaders/otsu-split.wgsl?raw';
import thresholdWgsl from '../../shaders/otsu-threshold.wgsl?raw';
import { ArgumentError } from '../errors';
import type { RawPicture } from '../picture';
import { BufferUsage } from './flags';
import type { DeviceTraits } from './kernel';
import { grid1d } from './kernel';
import type { CachedPipeline, PipelineCache } from './pipeline-cache';
import { mapForReading } from './readback';
import { defineShader, type ParamValues, packParams, type Shader } from './shader';

const shaders = {
  histogram: defineShader('otsu-histogram', histogramWgsl),
  threshold: defineShader('otsu-threshold', thresholdWgsl),
  split: defineShader('otsu-split', splitWgsl),
  assign: defineShader('k-means-assign', kMeansAssignWgsl),
  update: defineShader('k-means-update', kMeansUpdateWgsl),
};

export const MOST_CLUSTERS = 16;
/** Sums of bytes fit 32 bits up to here. */
const MOST_PIXELS = Math.floor(2 ** 32 / 256);

interface Connection {
  readonly device: GPUDevice;
  readonly pipelines: PipelineCache;
  readonly traits: DeviceTraits;
}

/** A brightness, and for each pixel whether it is above it. */
export interface OtsuResult {
  readonly threshold: number;
  readonly labels: Uint32Array;
}

/** For each pixel a cluster, and the clusters' mean colours. */
export interface KMeansResult {
  readonly centres: readonly (readonly [red: number, green: number, blue: number])[];
  readonly labels: Uint32Array;
}

/** Otsu's threshold of a picture, computed on the GPU in one submission. See shaders/otsu-threshold.wgsl. */
export async function otsuOnGpu(connection: Connection, picture: RawPicture): Promise<OtsuResult> {
  const job = new Job(connection, picture);
  try {
    const histogram = job.buffer(256 * 4);
    const threshold = job.buffer(4);
    const labels = job.buffer(job.pixels * 4);
    const params = { pixels: job.pixels };
    await job.launch(shaders.histogram, { picture: job.picture, histogram }, params, job.pixelGrid);
    await job.launch(shaders.threshold, { histogram, threshold }, params, [1, 1, 1]);
    await job.launch(shaders.split, { picture: job.picture, threshold, labels }, params, job.pixelGrid);
    const [chosen, classes] = await job.finish([threshold, labels]);
    return { threshold: chosen[0], labels: classes.subarray(0, job.pixels) };
  } finally {
    job.dispose();
  }
}

/**
 * Clusters of a picture's colours, computed on the GPU in one submission. See shaders/k-means-assign.wgsl.
 *
 * @param first where the clusters begin, at most {@link MOST_CLUSTERS}
 */
export async function kMeansOnGpu(
  connection: Connection,
  picture: RawPicture,
  first: KMeansResult['centres'],
  rounds: number,
): Promise<KMeansResult> {
  const clusters = first.length;
  if (!(clusters >= 1 && clusters <= MOST_CLUSTERS)) {
    throw new ArgumentError(`k-means takes 1 to ${MOST_CLUSTERS} clusters, got ${clusters}`);
  }
  const job = new Job(connection, picture);
  try {
    const centres = job.buffer(clusters * 16, Uint32Array.from(first.flatMap((centre) => [...centre, 0])));
    const sums = job.buffer(clusters * 16);
    const labels = job.buffer(job.pixels * 4);
    const params = { pixels: job.pixels, clusters };
    const assign = { picture: job.picture, centres, labels, sums };
    for (let round = 0; round < rounds; round++) {
      await job.launch(shaders.assign, assign, params, job.pixelGrid);
      await job.launch(shaders.update, { sums, centres }, { clusters }, [1, 1, 1]);
    }
    await job.launch(shaders.assign, assign, params, job.pixelGrid);
    const [means, classes] = await job.finish([centres, labels]);
    const result = first.map((_, k) => [means[k * 4], means[k * 4 + 1], means[k * 4 + 2]] as const);
    return { centres: result, labels: classes.subarray(0, job.pixels) };
  } finally {
    job.dispose();
  }
}

/** A few launches over one picture, with buffers that live as long. */
class Job {
  readonly pixels: number;
  readonly picture: GPUBuffer;
  readonly pixelGrid: readonly [number, number, number];
  readonly #device: GPUDevice;
  readonly #encoder: GPUCommandEncoder;
  readonly #pass: GPUComputePassEncoder;
  readonly #buffers: GPUBuffer[] = [];

  constructor(
    private readonly connection: Connection,
    { data, width, height }: RawPicture,
  ) {
    this.pixels = width * height;
    if (!(this.pixels >= 1 && this.pixels <= MOST_PIXELS) || data.length !== this.pixels * 4) {
      throw new ArgumentError(
        `a picture must have 1 to ${MOST_PIXELS} pixels of RGBA, got ${width} × ${height} in ${data.length} bytes`,
      );
    }
    this.#device = connection.device;
    this.picture = this.buffer(data.length, data);
    this.pixelGrid = grid1d(this.pixels, 256, connection.traits);
    this.#encoder = this.#device.createCommandEncoder();
    this.#pass = this.#encoder.beginComputePass();
  }

  /** Zero, or what it is to hold. */
  buffer(sizeBytes: number, data?: Uint8Array | Uint8ClampedArray | Uint32Array): GPUBuffer {
    const usage = BufferUsage.STORAGE | BufferUsage.COPY_SRC | BufferUsage.COPY_DST;
    return this.#keep({ size: Math.max(16, sizeBytes), usage }, data);
  }

  async launch(
    shader: Shader,
    bind: Readonly<Record<string, GPUBuffer>>,
    params: ParamValues,
    workgroups: readonly [number, number, number],
  ): Promise<void> {
    const { pipeline, layout }: CachedPipeline = await this.connection.pipelines.get(
      { shader, constants: this.#constantsOf(shader) },
      'f32',
    );
    const block = packParams(shader, params);
    const uniforms = this.#keep({ size: block.length, usage: BufferUsage.UNIFORM | BufferUsage.COPY_DST }, block);
    const entries = shader.bindings.map(({ index, name, type }) => ({
      binding: index,
      resource: { buffer: type === 'uniform' ? uniforms : bind[name] },
    }));
    this.#pass.setPipeline(pipeline);
    this.#pass.setBindGroup(0, this.#device.createBindGroup({ layout, entries }));
    this.#pass.dispatchWorkgroups(...workgroups);
  }

  /** Workgroup memory pays where barriers are cheap. */
  #constantsOf(shader: Shader): Readonly<Record<string, number>> {
    const counts = shader === shaders.histogram || shader === shaders.assign;
    return counts ? { GROUPED: Number(!this.connection.traits.software) } : {};
  }

  /** Submits, and reads buffers back. */
  async finish(buffers: readonly GPUBuffer[]): Promise<Uint32Array[]> {
    this.#pass.end();
    const usage = BufferUsage.MAP_READ | BufferUsage.COPY_DST;
    const copies = buffers.map((buffer) => {
      const copy = this.#keep({ size: buffer.size, usage });
      this.#encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
      return copy;
    });
    this.#device.queue.submit([this.#encoder.finish()]);
    await Promise.all(copies.map((copy) => mapForReading(this.#device, copy)));
    return copies.map((copy) => new Uint32Array(copy.getMappedRange().slice(0)));
  }

  dispose(): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }

  #keep(descriptor: GPUBufferDescriptor, data?: Uint8Array | Uint8ClampedArray | Uint32Array): GPUBuffer {
    const buffer = this.#device.createBuffer(descriptor);
    this.#buffers.push(buffer);
    if (data) this.#device.queue.writeBuffer(buffer, 0, data as Uint8Array<ArrayBuffer>);
    return buffer;
  }
}
