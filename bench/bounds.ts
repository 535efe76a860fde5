// What an adapter can do, as small shaders reach it.
import copy from './shaders/copy.wgsl?raw';
import multiplyAdds from './shaders/multiply-adds.wgsl?raw';
import scalarMultiplyAdds from './shaders/multiply-adds-scalar.wgsl?raw';

/** Bounds of an adapter (Williams et al. 2009, "Roofline"), as small shaders reach them. */
export interface Bounds {
  readonly multiplyAddsPerSecond: number;
  /** Read and written. */
  readonly bytesPerSecond: number;
  /** Of a launch that does nothing, within a pass. */
  readonly launchMs: number;
}

const VECTOR_BYTES = 16;
const WORKGROUP = 64;
/** Clocks in browsers step by up to 0.1 ms, and launches take time of their own. */
const LEAST_SPAN_MS = 60;
/** Of which the least time counts. */
export const TRIALS = 5;

const TURNS = 128;
/** Ways to multiply and add, and how often an invocation does per turn of its loop. The fastest is the bound. */
const ARITHMETIC: readonly { code: string; constants: Record<string, number>; perTurn: number }[] = [
  { code: multiplyAdds, constants: { TURNS, CHAINS: 4 }, perTurn: 4 * 4 * 4 },
  { code: multiplyAdds, constants: { TURNS, CHAINS: 8 }, perTurn: 4 * 8 * 4 },
  { code: scalarMultiplyAdds, constants: { TURNS }, perTurn: 16 * 8 },
];

/** Launches something so often within one pass that it spans long, and takes the best of a few trials. */
async function launchMs(
  device: GPUDevice,
  code: string,
  size: { readonly workgroups: number; readonly rows?: number; readonly bytes: number },
  constants: Record<string, number> = {},
): Promise<number> {
  const compute = { module: device.createShaderModule({ code }), constants };
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute });
  const buffers = [0, 1].map(() => device.createBuffer({ size: size.bytes, usage: GPUBufferUsage.STORAGE }));
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const spanMs = async (repeats: number): Promise<number> => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    for (let i = 0; i < repeats; i++) pass.dispatchWorkgroups(size.workgroups, size.rows ?? 1);
    pass.end();
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  };
  await spanMs(1);
  let repeats = 1;
  while ((await spanMs(repeats)) < LEAST_SPAN_MS) repeats *= 2;
  let best = Number.POSITIVE_INFINITY;
  for (let trial = 0; trial < TRIALS; trial++) best = Math.min(best, (await spanMs(repeats)) / repeats);
  for (const buffer of buffers) buffer.destroy();
  return best;
}

/** Measures an adapter's bounds, which takes a few seconds where the CPU computes. */
export async function boundsOf(device: GPUDevice, software: boolean): Promise<Bounds> {
  const workgroups = software ? 256 : 16_384;
  const arithmetic = { workgroups, bytes: workgroups * WORKGROUP * VECTOR_BYTES };
  let multiplyAddsPerSecond = 0;
  for (const { code, constants, perTurn } of ARITHMETIC) {
    const ms = await launchMs(device, code, arithmetic, constants);
    multiplyAddsPerSecond = Math.max(multiplyAddsPerSecond, (workgroups * WORKGROUP * TURNS * perTurn * 1000) / ms);
  }
  // 32 MB, or, past the caches of large GPUs, the 128 MB that every device binds.
  const rows = software ? 1 : 4;
  const memory = { workgroups: 32_768, rows, bytes: rows * 32_768 * WORKGROUP * VECTOR_BYTES };
  const memoryMs = await launchMs(device, copy, memory);
  const nothing = { workgroups: 1, bytes: WORKGROUP * VECTOR_BYTES };
  return {
    multiplyAddsPerSecond,
    bytesPerSecond: (2 * memory.bytes * 1000) / memoryMs,
    launchMs: await launchMs(device, copy, nothing),
  };
}
