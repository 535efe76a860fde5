// In the page: what the adapter can do, and what share of it each layer of Fovea reaches.
import { Engine, Tensor } from '../src';
import type { AdapterReport } from '../src/gpu/device';
import type { LayerTiming } from '../src/gpu/profiler';
import { graphStatistics } from '../src/graph/statistics';
import { sizeOf } from '../src/tensor';
import { type Bounds, boundsOf, TRIALS } from './bounds';
import { fetchNumbers, type NetworkJob } from './engines/engine';
import { fetchNetwork } from './engines/fovea';

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

export async function measureBounds(): Promise<{ adapter: AdapterReport; bounds: Bounds }> {
  const engine = await Engine.create();
  const { device, adapter } = engine;
  const bounds = await boundsOf(device, adapter.software);
  engine.dispose();
  return { adapter, bounds };
}

/** Every layer of a network against the bounds, by the operator's definition: a clever algorithm may pass them. */
async function layerShares(network: NetworkJob, input: string, bounds: Bounds): Promise<LayerShare[]> {
  const engine = await Engine.create();
  const model = await engine.load(await fetchNetwork(network, Promise.resolve(engine)));
  const numbers = await fetchNumbers(input);
  const inputs = { [network.input.name]: Tensor.float32(network.input.shape, numbers) };
  // As often as the bounds, so that what else runs on the machine disturbs neither more.
  const trials: LayerTiming[][] = [];
  for (let trial = 0; trial < TRIALS; trial++) trials.push(await model.profile(inputs));
  const { nodes } = graphStatistics(model.plan.graph);
  /** Of a copy that the plan put in, which the graph does not have. */
  const copied = new Map(
    model.plan.steps.map(({ node, context }) => [node.name, 2 * sizeOf(context.outputs[0].shape)]),
  );
  engine.dispose();
  return trials[0].map(({ node, op, kernel, setting }, layer) => {
    const timeMs = Math.min(...trials.map((timings) => timings[layer].timeMs));
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
