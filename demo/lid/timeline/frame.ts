import type { LayerTiming } from '../../../src';
import { BufferUsage } from '../../../src/gpu/flags';
import { mapForReading } from '../../../src/gpu/readback';
import type { BoundDispatch, Session } from '../../../src/gpu/session';

/** One launch on the axis of its frame. */
export interface Span {
  /** The node that it belongs to. */
  readonly node: string;
  readonly shader: string;
  /** Milliseconds since the first launch began. */
  readonly startMs: number;
  readonly endMs: number;
}

/** The launches of one frame, in order. */
export interface Frame {
  readonly spans: readonly Span[];
  /** How the times came about: read from the GPU's clock, or put together from times of single layers. */
  readonly method: 'clock' | 'layers';
  /** The step of the clock, in milliseconds. */
  readonly stepMs: number;
}

/** A query set holds no more (WebGPU, "GPUQuerySet"). */
const MOST_QUERIES = 4096;
const FRAMES = 5;

export const lengthOf = ({ spans }: Frame): number => spans.at(-1)?.endMs ?? 0;

/**
 * Runs frames with each launch in a pass of its own, whose beginning and end the GPU's clock tells, and keeps the shortest.
 *
 * @returns undefined where the adapter has no such clock
 */
export async function recordFrame(session: Session, software: boolean): Promise<Frame | undefined> {
  const { device, dispatches } = session;
  const count = 2 * dispatches.length;
  if (!device.features.has('timestamp-query') || count > MOST_QUERIES || count === 0) return undefined;
  const querySet = device.createQuerySet({ label: 'timeline', type: 'timestamp', count });
  const size = count * 8;
  const resolved = device.createBuffer({ size, usage: BufferUsage.QUERY_RESOLVE | BufferUsage.COPY_SRC });
  const staging = device.createBuffer({ size, usage: BufferUsage.MAP_READ | BufferUsage.COPY_DST });
  try {
    let best: Frame | undefined;
    for (let frame = 0; frame < (software ? 2 : FRAMES); frame++) {
      const encoder = device.createCommandEncoder();
      for (const [i, { pipeline, bindGroup, dispatch }] of dispatches.entries()) {
        const timestampWrites = { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 };
        const pass = encoder.beginComputePass({ timestampWrites });
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindGroup);
        pass.dispatchWorkgroups(...dispatch.workgroups);
        pass.end();
      }
      encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
      device.queue.submit([encoder.finish()]);
      await mapForReading(device, staging);
      const stamps = new BigUint64Array(staging.getMappedRange().slice(0));
      staging.unmap();
      const recorded = frameOf(dispatches, stamps);
      if (!best || lengthOf(recorded) < lengthOf(best)) best = recorded;
    }
    return best && lengthOf(best) > 0 ? best : undefined;
  } finally {
    for (const held of [querySet, resolved, staging]) held.destroy();
  }
}

const NANOSECONDS_PER_MS = 1e6;

function frameOf(dispatches: readonly BoundDispatch[], stamps: BigUint64Array): Frame {
  const since = (stamp: bigint): number => Number(stamp - stamps[0]) / NANOSECONDS_PER_MS;
  const spans = dispatches.map(
    ({ step, dispatch }, i): Span => ({
      node: step.node.name,
      shader: dispatch.shader.name,
      startMs: since(stamps[2 * i]),
      endMs: since(stamps[2 * i + 1]),
    }),
  );
  let step = 0n;
  for (const stamp of stamps) step = divisor(step, stamp - stamps[0]);
  return { spans, method: 'clock', stepMs: Number(step) / NANOSECONDS_PER_MS };
}

const divisor = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : divisor(b, a % b));

/** A frame as it would be if layers took what they take alone, with the time of an empty launch between any two. */
export function assembled(
  timings: readonly LayerTiming[],
  launchesOf: (node: string) => readonly string[],
  launchMs: number,
): Frame {
  let at = 0;
  const spans = timings.flatMap(({ node, timeMs }) => {
    const shaders = launchesOf(node);
    return shaders.map((shader): Span => {
      const startMs = at;
      const endMs = startMs + timeMs / shaders.length;
      at = endMs + launchMs;
      return { node, shader, startMs, endMs };
    });
  });
  return { spans, method: 'layers', stepMs: 0 };
}
