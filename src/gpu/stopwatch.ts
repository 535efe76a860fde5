import { GPUValidationError } from '../errors';
import { BufferUsage } from './flags';
import type { Dispatch } from './kernel';
import { mapForReading } from './readback';
import type { BoundDispatch } from './session';

/** The measured time of some dispatches. */
export interface Timing {
  /** All dispatches once, in milliseconds. */
  readonly timeMs: number;
  /**
   * `timestamp`: by the GPU's own clock. `wall`: from submission to completion, less what an empty submission takes;
   * with the gaps that scheduling leaves, and for adapters without timestamps.
   */
  readonly method: 'timestamp' | 'wall';
  /** How often the launches were repeated within one submission, to span more than the clock's step. */
  readonly repeats: number;
  /** How far the clock's step alone may have moved `timeMs` either way, in milliseconds. */
  readonly uncertaintyMs: number;
}

export type Launch = Pick<BoundDispatch, 'pipeline' | 'bindGroup'> & {
  readonly dispatch: Pick<Dispatch, 'workgroups'>;
};

export interface StopwatchOptions {
  /** No launch is repeated more often. Default 1,000. */
  readonly maxRepeats?: number;
  /** Measure wall time even where there are timestamps. */
  readonly wall?: boolean;
}

/** A reading is to span this many steps of the clock: then a step is 5 % of it. */
const STEPS_PER_SPAN = 20;
const LEAST_SPAN_MS = { timestamp: 0.5, wall: 5 };
/** A span that has to grow goes up at least and at most this much at a time. */
const GROWTH = { least: 2, most: 32 };
const NANOSECONDS_PER_MS = 1e6;
/** A smaller greatest common divisor of timestamps is coincidence. */
const FINEST_STEP_NS = 1000n;
const EMPTY_SUBMISSIONS = 5;

/**
 * Times launches on a device. Browsers blur the GPU's clock (Chrome to 100 µs, longer than most layers), so launches
 * are repeated within a pass until the span is many steps of the clock, whose size shows in the timestamps themselves.
 */
export class Stopwatch {
  readonly #staging: GPUBuffer;
  readonly #resolved: GPUBuffer;
  readonly #querySet: GPUQuerySet | undefined;
  readonly #maxRepeats: number;
  /** Greatest common divisor of all timestamps seen: the clock's step, or a multiple of it. */
  #stepNs = 0n;
  #emptyMs: number | undefined;

  constructor(
    private readonly device: GPUDevice,
    { maxRepeats = 1000, wall = false }: StopwatchOptions = {},
  ) {
    this.#maxRepeats = maxRepeats;
    if (!wall && device.features.has('timestamp-query')) {
      this.#querySet = device.createQuerySet({ label: 'stopwatch', type: 'timestamp', count: 2 });
    }
    this.#resolved = device.createBuffer({
      label: 'stopwatch',
      size: 16,
      usage: BufferUsage.QUERY_RESOLVE | BufferUsage.COPY_SRC,
    });
    this.#staging = device.createBuffer({
      label: 'stopwatch read-back',
      size: 16,
      usage: BufferUsage.MAP_READ | BufferUsage.COPY_DST,
    });
  }

  /** Times the launches, one after the other, as one piece. One measurement at a time. */
  async time(launches: readonly Launch[]): Promise<Timing> {
    if (launches.length === 0) return { timeMs: 0, method: this.#method, repeats: 0, uncertaintyMs: 0 };
    const timed = this.#querySet && (await this.#grow('timestamp', (repeats) => this.#span(launches, repeats)));
    if (timed) return timed;
    this.#emptyMs ??= await this.#emptySubmission();
    const wall = await this.#grow('wall', async (repeats) => (await this.#wall(launches, repeats)) - this.#emptyMs!);
    // A launch that takes no longer than nothing at all.
    return wall ?? { timeMs: 0, method: 'wall', repeats: this.#maxRepeats, uncertaintyMs: this.#stepMs('wall') };
  }

  dispose(): void {
    this.#querySet?.destroy();
    this.#resolved.destroy();
    this.#staging.destroy();
  }

  get #method(): Timing['method'] {
    return this.#querySet ? 'timestamp' : 'wall';
  }

  /** Repeats more and more often until the span is long enough; undefined when no number of repeats takes any time. */
  async #grow(method: Timing['method'], span: (repeats: number) => Promise<number>): Promise<Timing | undefined> {
    for (let repeats = 1; ; ) {
      const spanMs = await span(repeats);
      const stepMs = this.#stepMs(method);
      const wanted = Math.max(LEAST_SPAN_MS[method], STEPS_PER_SPAN * stepMs);
      if (spanMs >= wanted || repeats >= this.#maxRepeats) {
        if (!(spanMs > 0)) return undefined;
        return { timeMs: spanMs / repeats, method, repeats, uncertaintyMs: stepMs / repeats };
      }
      const factor = spanMs > 0 ? (1.2 * wanted) / spanMs : GROWTH.most;
      const growth = Math.min(Math.max(factor, GROWTH.least), GROWTH.most);
      repeats = Math.min(Math.ceil(repeats * growth), this.#maxRepeats);
    }
  }

  #stepMs(method: Timing['method']): number {
    // Browsers round `performance.now` to 5 to 100 µs, depending on isolation.
    if (method === 'wall') return 0.1;
    return this.#stepNs < FINEST_STEP_NS ? 0 : Number(this.#stepNs) / NANOSECONDS_PER_MS;
  }

  /** Milliseconds by the GPU's clock from the beginning of a pass to its end. */
  async #span(launches: readonly Launch[], repeats: number): Promise<number> {
    const querySet = this.#querySet!;
    const encoder = this.device.createCommandEncoder();
    const timestampWrites = { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
    encodeRepeated(encoder.beginComputePass({ timestampWrites }), launches, repeats);
    encoder.resolveQuerySet(querySet, 0, 2, this.#resolved, 0);
    const [begin, end] = new BigUint64Array(await this.#submit(encoder));
    this.#stepNs = gcd(gcd(this.#stepNs, begin), end);
    return Number(end - begin) / NANOSECONDS_PER_MS;
  }

  /** Milliseconds from submission to completion. */
  async #wall(launches: readonly Launch[], repeats: number): Promise<number> {
    const encoder = this.device.createCommandEncoder();
    encodeRepeated(encoder.beginComputePass(), launches, repeats);
    const start = performance.now();
    await this.#submit(encoder);
    return performance.now() - start;
  }

  /** The median of a few. */
  async #emptySubmission(): Promise<number> {
    const times: number[] = [];
    for (let i = 0; i < EMPTY_SUBMISSIONS; i++) times.push(await this.#wall([], 1));
    return times.sort((a, b) => a - b)[Math.floor(EMPTY_SUBMISSIONS / 2)];
  }

  /** Submits, waits, and returns what the resolve buffer held. Waiting by a mapping, as Firefox wakes for no other. */
  async #submit(encoder: GPUCommandEncoder): Promise<ArrayBuffer> {
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, 16);
    this.device.pushErrorScope('validation');
    this.device.queue.submit([encoder.finish()]);
    const scope = this.device.popErrorScope();
    await mapForReading(this.device, this.#staging);
    const bytes = this.#staging.getMappedRange().slice(0);
    this.#staging.unmap();
    const error = await scope;
    if (error) throw new GPUValidationError(`a measurement was refused: ${error.message}`);
    return bytes;
  }
}

function encodeRepeated(pass: GPUComputePassEncoder, launches: readonly Launch[], repeats: number): void {
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const { pipeline, bindGroup, dispatch } of launches) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...dispatch.workgroups);
    }
  }
  pass.end();
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}
