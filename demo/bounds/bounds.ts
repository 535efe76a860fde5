import { BufferUsage } from '../../src/gpu/flags';
import { PipelineCache } from '../../src/gpu/pipeline-cache';
import { defineShader, type Shader } from '../../src/gpu/shader';
import { type Launch, Stopwatch } from '../../src/gpu/stopwatch';
import copyWgsl from './copy.wgsl?raw';
import multiplyAddsWgsl from './multiply-adds.wgsl?raw';
import scalarWgsl from './multiply-adds-scalar.wgsl?raw';

const shaders = {
  copy: defineShader('copy', copyWgsl),
  vectors: defineShader('multiply-adds', multiplyAddsWgsl),
  scalars: defineShader('multiply-adds-scalar', scalarWgsl),
};

/** Bounds of an adapter (Williams et al. 2009, "Roofline"), as small shaders reach them. */
export interface Bounds {
  readonly multiplyAddsPerSecond: number;
  /** Read and written. */
  readonly bytesPerSecond: number;
  /** A launch that does almost nothing, within a pass. */
  readonly launchMs: number;
}

const VECTOR_BYTES = 16;
const WORKGROUP = 64;
/** Launches that do almost nothing are measured together, as a pass has costs of its own. */
const EMPTY_LAUNCHES = 1000;
/** The least time of so many counts. */
export const TRIALS = 5;

const ITERATIONS = 128;
/** Ways to multiply and add, with the multiply-adds of one invocation per iteration. The fastest is the bound. */
const ARITHMETIC: readonly { shader: Shader; constants: Record<string, number>; perIteration: number }[] = [
  { shader: shaders.vectors, constants: { ITERATIONS, CHAINS: 4 }, perIteration: 4 * 4 * 4 },
  { shader: shaders.vectors, constants: { ITERATIONS, CHAINS: 8 }, perIteration: 4 * 8 * 4 },
  { shader: shaders.scalars, constants: { ITERATIONS }, perIteration: 16 * 8 },
];

interface Size {
  readonly workgroups: readonly [x: number, y: number, z: number];
  /** Of the buffer that is read, and of the one that is written. */
  readonly bytes: number;
}

/** The milliseconds that launches take, one after the other. */
type Timer = (launches: readonly Launch[]) => Promise<number>;

/** Measures an adapter's bounds, which takes a few seconds where the CPU computes. */
export async function boundsOf(device: GPUDevice, software: boolean): Promise<Bounds> {
  const stopwatch = new Stopwatch(device);
  const timer: Timer = async (launches) => (await stopwatch.time(launches)).timeMs;
  const multiplyAddsPerSecond = await multiplyAddBound(device, software, timer);
  // 32 MB, or, past the caches of large GPUs, the 128 MB that every device binds.
  const rows = software ? 1 : 4;
  const bytes = rows * 32_768 * WORKGROUP * VECTOR_BYTES;
  const pipelines = new PipelineCache(device);
  const memoryMs = await leastMs(pipelines, timer, shaders.copy, { workgroups: [32_768, rows, 1], bytes });
  const empty: Size = { workgroups: [1, 1, 1], bytes: WORKGROUP * VECTOR_BYTES };
  const emptyMs = await leastMs(pipelines, timer, shaders.copy, empty, {}, EMPTY_LAUNCHES);
  stopwatch.dispose();
  return { multiplyAddsPerSecond, bytesPerSecond: (2 * bytes * 1000) / memoryMs, launchMs: emptyMs };
}

/** Multiply-adds a second, of wall or CPU time as the timer counts. */
export async function multiplyAddBound(device: GPUDevice, software: boolean, timer: Timer): Promise<number> {
  const pipelines = new PipelineCache(device);
  const workgroups = software ? 256 : 16_384;
  const invocations = workgroups * WORKGROUP;
  const size: Size = { workgroups: [workgroups, 1, 1], bytes: invocations * VECTOR_BYTES };
  let most = 0;
  for (const { shader, constants, perIteration } of ARITHMETIC) {
    const ms = await leastMs(pipelines, timer, shader, size, constants);
    most = Math.max(most, (invocations * ITERATIONS * perIteration * 1000) / ms);
  }
  return most;
}

/** The least milliseconds of a launch, in pieces of `count`. */
async function leastMs(
  pipelines: PipelineCache,
  timer: Timer,
  shader: Shader,
  { workgroups, bytes }: Size,
  constants = {},
  count = 1,
): Promise<number> {
  const { device } = pipelines;
  const { pipeline, layout } = await pipelines.get({ shader, constants }, 'f32');
  const buffers = shader.bindings.map(() => device.createBuffer({ size: bytes, usage: BufferUsage.STORAGE }));
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const launch: Launch = { pipeline, bindGroup: device.createBindGroup({ layout, entries }), dispatch: { workgroups } };
  const launches = new Array<Launch>(count).fill(launch);
  let least = Number.POSITIVE_INFINITY;
  for (let trial = 0; trial < TRIALS; trial++) least = Math.min(least, await timer(launches));
  for (const buffer of buffers) buffer.destroy();
  return least / count;
}
