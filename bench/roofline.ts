// Runs in a page or in Node: measures the adapter's bounds, and the share of them that each layer of Fovea reaches.

import { type Bounds, boundsOf, TRIALS } from '../demo/bounds/bounds';
import { Engine, type Model, Tensor } from '../src';
import type { AdapterReport } from '../src/gpu/device';
import type { LayerTiming } from '../src/gpu/profiler';
import { graphStatistics } from '../src/graph/statistics';
import { sizeOf } from '../src/tensor';
import { fetchNumbers, type NetworkJob } from './engines/engine';
import { fetchNetwork } from './engines/fovea';
import { convolutionShares, type LayerShare } from './shares';

/** A layer is short, so that it needs many trials until one is undisturbed. */
const LEAST_LAYERS_MS = 3000;

export interface Roofline extends Bounds {
  readonly layers: readonly LayerShare[];
  /** The share of the bounds that each network's convolutions reach, weighted by time. */
  readonly convolutionShare: Readonly<Record<string, number>>;
}

async function measureBounds(): Promise<Bounds> {
  const engine = await Engine.create();
  const bounds = await boundsOf(engine.device, engine.adapter.software);
  engine.dispose();
  return bounds;
}

/** Names the adapter, which decides how much is measured. */
export async function nameAdapter(): Promise<AdapterReport> {
  const engine = await Engine.create();
  const { adapter } = engine;
  engine.dispose();
  return adapter;
}

/** A layer's time, and its work by the operator's definition: an algorithm that needs less may pass the bounds. */
export interface LayerWork extends Omit<LayerShare, 'share'> {
  readonly multiplyAdds: number;
  readonly bytes: number;
}

/** How long layers are measured: both minimums are met. */
export interface LayerBounds {
  readonly leastTrials: number;
  readonly leastMs: number;
}

async function layersOf(network: NetworkJob, input: string): Promise<LayerWork[]> {
  const engine = await Engine.create();
  const model = await engine.load(await fetchNetwork(network, Promise.resolve(engine)));
  const inputs = { [network.input.name]: Tensor.float32(network.input.shape, await fetchNumbers(input)) };
  const work = await workOfLayers(model, network.name, inputs, { leastTrials: TRIALS, leastMs: LEAST_LAYERS_MS });
  engine.dispose();
  return work;
}

/** The least time of each layer in some trials. */
export async function workOfLayers(
  model: Model,
  network: string,
  inputs: Readonly<Record<string, Tensor>>,
  { leastTrials, leastMs }: LayerBounds,
): Promise<LayerWork[]> {
  const trials: LayerTiming[][] = [];
  const start = performance.now();
  while (trials.length < leastTrials || performance.now() - start < leastMs) trials.push(await model.profile(inputs));
  const { nodes } = graphStatistics(model.plan.graph);
  /** Elements moved by copies that the plan inserted; the graph does not have these nodes. */
  const copied = new Map(
    model.plan.steps.map(({ node, context }) => [node.name, 2 * sizeOf(context.outputs[0].shape)]),
  );
  return trials[0].map(({ node, op, kernel, setting }, layer) => {
    const timeMs = Math.min(...trials.map((timings) => timings[layer].timeMs));
    const { flops, elementsMoved } = nodes.get(node) ?? { flops: 0, elementsMoved: copied.get(node)! };
    return { network, node, op, kernel, setting, timeMs, multiplyAdds: flops / 2, bytes: 4 * elementsMoved };
  });
}

/**
 * Compares several networks' layers with the bounds. Bounds are measured before and after, and the better ones count:
 * other programs and a changing clock may disturb either.
 */
export async function measureRoofline(
  jobs: readonly { readonly network: NetworkJob; readonly input: string }[],
): Promise<Roofline> {
  const before = await measureBounds();
  const work: LayerWork[] = [];
  for (const { network, input } of jobs) work.push(...(await layersOf(network, input)));
  const after = await measureBounds();
  const bounds: Bounds = {
    multiplyAddsPerSecond: Math.max(before.multiplyAddsPerSecond, after.multiplyAddsPerSecond),
    bytesPerSecond: Math.max(before.bytesPerSecond, after.bytesPerSecond),
    launchMs: Math.min(before.launchMs, after.launchMs),
  };
  return rooflineOf(bounds, work);
}

/** Sets layers beside the bounds. */
export function rooflineOf(bounds: Bounds, work: readonly LayerWork[]): Roofline {
  const layers = work.map(({ multiplyAdds, bytes, ...layer }): LayerShare => {
    const boundMs = 1000 * Math.max(multiplyAdds / bounds.multiplyAddsPerSecond, bytes / bounds.bytesPerSecond);
    return { ...layer, share: boundMs / layer.timeMs };
  });
  return { ...bounds, layers, convolutionShare: convolutionShares(layers) };
}
