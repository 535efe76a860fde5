import { ArgumentError, type RawPicture } from '../../src';
import type { Connection } from '../../src/gpu/connection';
import { type Bindings, FixedPass } from '../../src/gpu/fixed-pass';
import { BufferUsage } from '../../src/gpu/flags';
import { grid1d } from '../../src/gpu/grid';
import type { Dispatch } from '../../src/gpu/kernel';
import { ReadbackRing } from '../../src/gpu/readback';
import type { BufferRange } from '../../src/gpu/session';
import { defineShader, type ParamValues, type Shader } from '../../src/gpu/shader';
import assignWgsl from './k-means-assign.wgsl?raw';
import updateWgsl from './k-means-update.wgsl?raw';
import histogramWgsl from './otsu-histogram.wgsl?raw';
import splitWgsl from './otsu-split.wgsl?raw';
import thresholdWgsl from './otsu-threshold.wgsl?raw';

const shaders = {
  histogram: defineShader('otsu-histogram', histogramWgsl),
  threshold: defineShader('otsu-threshold', thresholdWgsl),
  split: defineShader('otsu-split', splitWgsl),
  assign: defineShader('k-means-assign', assignWgsl),
  update: defineShader('k-means-update', updateWgsl),
};

const MAX_CLUSTERS = 16;
/** With more pixels a sum of bytes may not fit 32 bits. */
const MAX_PIXELS = Math.floor(2 ** 32 / 256);

type Device = Pick<Connection, 'pipelines' | 'traits'>;
type Grid = readonly [x: number, y: number, z: number];

/** A brightness, and for each pixel 1 if it is brighter. */
export interface OtsuResult {
  readonly threshold: number;
  readonly labels: Uint32Array;
}

/** For each pixel a cluster, and the clusters' mean colours. */
export interface KMeansResult {
  readonly centres: readonly (readonly [red: number, green: number, blue: number])[];
  readonly labels: Uint32Array;
}

/** Otsu's threshold of a picture, computed on the GPU in one submission. See otsu-threshold.wgsl. */
export async function otsuOnGpu(device: Device, rawPicture: RawPicture): Promise<OtsuResult> {
  const job = new Job(device, rawPicture);
  const { picture, pixels, pixelGrid } = job;
  try {
    const histogram = job.buffer(256 * 4);
    const threshold = job.buffer(4);
    const labels = job.buffer(pixels * 4);
    await job.launch(shaders.histogram, { picture, histogram }, { pixels }, pixelGrid);
    await job.launch(shaders.threshold, { histogram, threshold }, { pixels }, [1, 1, 1]);
    await job.launch(shaders.split, { picture, threshold, labels }, { pixels }, pixelGrid);
    const [chosen, classes] = await job.finish(threshold, labels);
    return { threshold: chosen[0], labels: classes.subarray(0, pixels) };
  } finally {
    job.dispose();
  }
}

/**
 * Clusters of a picture's colours, computed on the GPU in one submission. See k-means-assign.wgsl.
 *
 * @param first the first centres, at most {@link MAX_CLUSTERS}
 */
export async function kMeansOnGpu(
  device: Device,
  rawPicture: RawPicture,
  first: KMeansResult['centres'],
  rounds: number,
): Promise<KMeansResult> {
  const clusters = first.length;
  if (!(clusters >= 1 && clusters <= MAX_CLUSTERS)) {
    throw new ArgumentError(`k-means takes 1 to ${MAX_CLUSTERS} clusters, got ${clusters}`);
  }
  const job = new Job(device, rawPicture);
  const { picture, pixels, pixelGrid } = job;
  try {
    const centres = job.buffer(clusters * 16, Uint32Array.from(first.flatMap((centre) => [...centre, 0])));
    const sums = job.buffer(clusters * 16);
    const labels = job.buffer(pixels * 4);
    const assign = () =>
      job.launch(shaders.assign, { picture, centres, labels, sums }, { pixels, clusters }, pixelGrid);
    for (let round = 0; round < rounds; round++) {
      await assign();
      await job.launch(shaders.update, { sums, centres }, { clusters }, [1, 1, 1]);
    }
    await assign();
    const [means, classes] = await job.finish(centres, labels);
    const result = first.map((_, k) => [means[k * 4], means[k * 4 + 1], means[k * 4 + 2]] as const);
    return { centres: result, labels: classes.subarray(0, pixels) };
  } finally {
    job.dispose();
  }
}

/** A few launches over one picture in one submission, with the buffers and passes that they use. */
class Job {
  readonly pixels: number;
  readonly picture: BufferRange;
  readonly pixelGrid: Grid;
  readonly #device: GPUDevice;
  readonly #encoder: GPUCommandEncoder;
  readonly #buffers: GPUBuffer[] = [];
  readonly #passes = new Map<Shader, FixedPass>();

  constructor(
    private readonly device: Device,
    { data, width, height }: RawPicture,
  ) {
    this.pixels = width * height;
    if (!(this.pixels >= 1 && this.pixels <= MAX_PIXELS) || data.length !== this.pixels * 4) {
      throw new ArgumentError(
        `a picture must have 1 to ${MAX_PIXELS} pixels of RGBA, got ${width} × ${height} in ${data.length} bytes`,
      );
    }
    this.#device = device.pipelines.device;
    this.#encoder = this.#device.createCommandEncoder();
    this.picture = this.buffer(data.length, data);
    this.pixelGrid = grid1d(this.pixels, 256, device.traits);
  }

  /** Holds zeros, or the data. */
  buffer(sizeBytes: number, data?: Uint8Array | Uint8ClampedArray | Uint32Array): BufferRange {
    const usage = BufferUsage.STORAGE | BufferUsage.COPY_SRC | BufferUsage.COPY_DST;
    const buffer = this.#device.createBuffer({ size: Math.max(16, sizeBytes), usage });
    this.#buffers.push(buffer);
    if (data) this.#device.queue.writeBuffer(buffer, 0, data as Uint8Array<ArrayBuffer>);
    return { buffer, offset: 0, size: buffer.size };
  }

  /** Every launch of a shader has the same parameters. */
  async launch(shader: Shader, bindings: Bindings, params: ParamValues, workgroups: Grid): Promise<void> {
    let pass = this.#passes.get(shader);
    if (!pass) {
      const { pipelines, traits } = this.device;
      const counts = shader === shaders.histogram || shader === shaders.assign;
      const constants: Dispatch['constants'] = counts ? { GROUPED: Number(!traits.profile.slowBarriers) } : {};
      pass = await FixedPass.create(pipelines, shader, { constants });
      this.#passes.set(shader, pass);
    }
    pass.encode(this.#encoder, bindings, params, workgroups);
  }

  /** Submits, and reads buffers back. */
  async finish(...ranges: readonly BufferRange[]): Promise<Uint32Array[]> {
    const reads = ranges.map(({ buffer, size }) => {
      const ring = new ReadbackRing(this.#device, size);
      const staging = ring.take();
      this.#encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
      return async () => new Uint32Array(await ring.read(staging).finally(() => ring.dispose()));
    });
    this.#device.queue.submit([this.#encoder.finish()]);
    return Promise.all(reads.map((read) => read()));
  }

  dispose(): void {
    for (const buffer of this.#buffers) buffer.destroy();
    for (const pass of this.#passes.values()) pass.dispose();
  }
}
