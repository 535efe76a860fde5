// In the page: what the adapter can do, and what share of it each layer of Fovea reaches.
import { Engine, Tensor } from '../src';
import type { AdapterReport } from '../src/gpu/device';
import { graphStatistics } from '../src/graph/statistics';
import { sizeOf } from '../src/tensor';
import { fetchNumbers, type NetworkJob } from './engines/engine';
import { fetchNetwork } from './engines/fovea';
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

export interface LayerShare {
  readonly network: string;
  readonly node: string;
  readonly op: string;
  readonly kernel: string;
  readonly setting: string;
  readonly timeMs: number;
  /** Of the bound that holds it back: the time that arithmetic or memory would need, over the time it takes. */
  readonly share: number;
}

export interface Roofline extends Bounds {
  readonly layers: readonly LayerShare[];
  /** Of each network's convolutions, weighted by time. */
  readonly convolutionShare: Readonly<Record<string, number>>;
}

const VECTOR_BYTES = 16;
const WORKGROUP = 64;
/** Clocks in browsers step by up to 0.1 ms, and launches take time of their own. */
const LEAST_SPAN_MS = 60;
const TRIALS = 3;

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
  size: { readonly workgroups: number; readonly bytes: number },
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
    for (let i = 0; i < repeats; i++) pass.dispatchWorkgroups(size.workgroups);
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

export async function measureBounds(): Promise<{ adapter: AdapterReport; bounds: Bounds }> {
  const engine = await Engine.create();
  const { device, adapter } = engine;
  const workgroups = adapter.software ? 256 : 16_384;
  const arithmetic = { workgroups, bytes: workgroups * WORKGROUP * VECTOR_BYTES };
  let multiplyAddsPerSecond = 0;
  for (const { code, constants, perTurn } of ARITHMETIC) {
    const ms = await launchMs(device, code, arithmetic, constants);
    multiplyAddsPerSecond = Math.max(multiplyAddsPerSecond, (workgroups * WORKGROUP * TURNS * perTurn * 1000) / ms);
  }
  const memory = { workgroups: 32_768, bytes: 32_768 * WORKGROUP * VECTOR_BYTES };
  const memoryMs = await launchMs(device, copy, memory);
  const nothing = { workgroups: 1, bytes: WORKGROUP * VECTOR_BYTES };
  const bounds = {
    multiplyAddsPerSecond,
    bytesPerSecond: (2 * memory.bytes * 1000) / memoryMs,
    launchMs: await launchMs(device, copy, nothing),
  };
  engine.dispose();
  return { adapter, bounds };
}

/** Every layer of a network against the bounds, by the operator's definition: a clever algorithm may pass them. */
async function layerShares(network: NetworkJob, input: string, bounds: Bounds): Promise<LayerShare[]> {
  const engine = await Engine.create();
  const model = await engine.load(await fetchNetwork(network, Promise.resolve(engine)));
  const numbers = await fetchNumbers(input);
  const timings = await model.profile({ [network.input.name]: Tensor.float32(network.input.shape, numbers) });
  const { nodes } = graphStatistics(model.plan.graph);
  /** Of a copy that the plan put in, which the graph does not have. */
  const copied = new Map(
    model.plan.steps.map(({ node, context }) => [node.name, 2 * sizeOf(context.outputs[0].shape)]),
  );
  engine.dispose();
  return timings.map(({ node, op, kernel, setting, timeMs }) => {
    const { flops, elementsMoved } = nodes.get(node) ?? { flops: 0, elementsMoved: copied.get(node)! };
    const arithmeticMs = (flops / 2 / bounds.multiplyAddsPerSecond) * 1000;
    const memoryMs = ((elementsMoved * 4) / bounds.bytesPerSecond) * 1000;
    const share = Math.max(arithmeticMs, memoryMs) / timeMs;
    return { network: network.name, node, op, kernel, setting, timeMs, share };
  });
}

/** The layers of several networks, one network after the other. */
export async function allLayerShares(
  jobs: readonly { readonly network: NetworkJob; readonly input: string }[],
  bounds: Bounds,
): Promise<LayerShare[]> {
  const layers: LayerShare[] = [];
  for (const { network, input } of jobs) layers.push(...(await layerShares(network, input, bounds)));
  return layers;
}
