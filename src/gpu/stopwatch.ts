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
  /** A quarter of the time for a rough reading, which tells apart what differs by a fifth. Default false. */
  readonly rough?: boolean;
}

/** A reading is to span this many steps of the clock: then a step is 5 % of it; of a rough one, 20 %. */
const STEPS_PER_SPAN = 20;
const LEAST_SPAN_MS = { timestamp: 0.5, wall: 5 };
const ROUGHLY = 1 / 4;
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
  readonly #maxRepeats: number;
  readonly #wanted: number;
  readonly #usesTimestamps: boolean;
  #clock: Clock | undefined;
  /** Greatest common divisor of all timestamps seen: the clock's step, or a multiple of it. */
  #stepNs = 0n;
  #emptyMs: number | undefined;

  constructor(
    private readonly device: GPUDevice,
    { maxRepeats = 1000, wall = false, rough = false }: StopwatchOptions = {},
  ) {
    this.#maxRepeats = maxRepeats;
    this.#wanted = rough ? ROUGHLY : 1;
    this.#usesTimestamps = !wall && device.features.has('timestamp-query');
  }

  /** Times the launches, one after the other, as one piece. One measurement at a time. */
  async time(launches: readonly Launch[]): Promise<Timing> {
    return (await this.timeEach([launches]))[0];
  }

  /** Times several pieces. Those that the GPU's clock times share submissions, which cost more than most of them. */
  async timeEach(pieces: readonly (readonly Launch[])[]): Promise<Timing[]> {
    const timings = new Map<readonly Launch[], Timing>();
    for (const piece of pieces) if (piece.length === 0) timings.set(piece, this.#nothing(0));
    const left = (): (readonly Launch[])[] => pieces.filter((piece) => !timings.has(piece));
    if (this.#usesTimestamps) {
      await this.#grow(left(), timings, 'timestamp', (repeats) => this.#spans(repeats));
    }
    for (const piece of left()) {
      this.#emptyMs ??= await this.#emptySubmission();
      await this.#grow([piece], timings, 'wall', async ([once]) => [(await this.#wall(...once)) - this.#emptyMs!]);
    }
    // A launch that takes no longer than nothing at all.
    return pieces.map((piece) => timings.get(piece) ?? this.#nothing(this.#maxRepeats));
  }

  dispose(): void {
    this.#clock?.dispose();
  }

  #nothing(repeats: number): Timing {
    const method = this.#usesTimestamps && repeats === 0 ? 'timestamp' : 'wall';
    return { timeMs: 0, method, repeats, uncertaintyMs: repeats === 0 ? 0 : this.#stepMs('wall') };
  }

  /** Repeats pieces more and more often until their spans are long enough. What takes no time at all gets no timing. */
  async #grow(
    pieces: readonly (readonly Launch[])[],
    timings: Map<readonly Launch[], Timing>,
    method: Timing['method'],
    spansOf: (repeated: readonly Repeated[]) => Promise<readonly number[]>,
  ): Promise<void> {
    let open = pieces.map((piece): Repeated => [piece, 1]);
    while (open.length > 0) {
      const spans = await spansOf(open);
      const stepMs = this.#stepMs(method);
      const wanted = this.#wanted * Math.max(LEAST_SPAN_MS[method], STEPS_PER_SPAN * stepMs);
      open = open.flatMap(([piece, repeats], i): Repeated[] => {
        const spanMs = spans[i];
        if (spanMs >= wanted || repeats >= this.#maxRepeats) {
          if (spanMs > 0)
            timings.set(piece, { timeMs: spanMs / repeats, method, repeats, uncertaintyMs: stepMs / repeats });
          return [];
        }
        const factor = spanMs > 0 ? (1.2 * wanted) / spanMs : GROWTH.most;
        const growth = Math.min(Math.max(factor, GROWTH.least), GROWTH.most);
        return [[piece, Math.min(Math.ceil(repeats * growth), this.#maxRepeats)]];
      });
    }
  }

  #stepMs(method: Timing['method']): number {
    // Browsers round `performance.now` to 5 to 100 µs, depending on isolation.
    if (method === 'wall') return 0.1;
    return this.#stepNs < FINEST_STEP_NS ? 0 : Number(this.#stepNs) / NANOSECONDS_PER_MS;
  }

  /** Milliseconds by the GPU's clock from the beginning of each piece's pass to its end. */
  async #spans(repeated: readonly Repeated[]): Promise<number[]> {
    const clock = this.#clockFor(repeated.length);
    const encoder = this.device.createCommandEncoder();
    for (const [i, once] of repeated.entries()) {
      const timestampWrites = {
        querySet: clock.querySet!,
        beginningOfPassWriteIndex: 2 * i,
        endOfPassWriteIndex: 2 * i + 1,
      };
      encodeRepeated(encoder.beginComputePass({ timestampWrites }), ...once);
    }
    encoder.resolveQuerySet(clock.querySet!, 0, 2 * repeated.length, clock.resolved, 0);
    const times = new BigUint64Array(await this.#submit(encoder, clock));
    return repeated.map((_, i) => {
      const [begin, end] = [times[2 * i], times[2 * i + 1]];
      this.#stepNs = gcd(gcd(this.#stepNs, begin), end);
      return Number(end - begin) / NANOSECONDS_PER_MS;
    });
  }

  /** Milliseconds from submission to completion. */
  async #wall(launches: readonly Launch[], repeats: number): Promise<number> {
    const encoder = this.device.createCommandEncoder();
    encodeRepeated(encoder.beginComputePass(), launches, repeats);
    const clock = this.#clockFor(1);
    const start = performance.now();
    await this.#submit(encoder, clock);
    return performance.now() - start;
  }

  /** The median of a few. */
  async #emptySubmission(): Promise<number> {
    const times: number[] = [];
    for (let i = 0; i < EMPTY_SUBMISSIONS; i++) times.push(await this.#wall([], 1));
    return times.sort((a, b) => a - b)[Math.floor(EMPTY_SUBMISSIONS / 2)];
  }

  #clockFor(pieces: number): Clock {
    if (this.#clock && this.#clock.pieces >= pieces) return this.#clock;
    this.#clock?.dispose();
    this.#clock = new Clock(this.device, pieces, this.#usesTimestamps);
    return this.#clock;
  }

  /** Submits, waits, and returns what the resolve buffer held. Waiting by a mapping, as Firefox wakes for no other. */
  async #submit(encoder: GPUCommandEncoder, { resolved, staging }: Clock): Promise<ArrayBuffer> {
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, staging.size);
    this.device.pushErrorScope('validation');
    this.device.queue.submit([encoder.finish()]);
    const scope = this.device.popErrorScope();
    await mapForReading(this.device, staging);
    const bytes = staging.getMappedRange().slice(0);
    staging.unmap();
    const error = await scope;
    if (error) throw new GPUValidationError(`a measurement was refused: ${error.message}`);
    return bytes;
  }
}

/** Launches, and how often they are repeated. */
type Repeated = readonly [launches: readonly Launch[], repeats: number];

/** A beginning and an end for each of some pieces, and the buffers through which they are read. */
class Clock {
  readonly querySet: GPUQuerySet | undefined;
  readonly resolved: GPUBuffer;
  readonly staging: GPUBuffer;

  constructor(
    device: GPUDevice,
    readonly pieces: number,
    hasTimestamps: boolean,
  ) {
    const size = 16 * pieces;
    if (hasTimestamps) {
      this.querySet = device.createQuerySet({ label: 'stopwatch', type: 'timestamp', count: 2 * pieces });
    }
    this.resolved = device.createBuffer({
      label: 'stopwatch',
      size,
      usage: BufferUsage.QUERY_RESOLVE | BufferUsage.COPY_SRC,
    });
    this.staging = device.createBuffer({
      label: 'stopwatch read-back',
      size,
      usage: BufferUsage.MAP_READ | BufferUsage.COPY_DST,
    });
  }

  dispose(): void {
    this.querySet?.destroy();
    this.resolved.destroy();
    this.staging.destroy();
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
