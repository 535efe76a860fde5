import type { Graph } from '../../graph/graph';
import type { Operator } from '../../operators';
import type { AdapterProfile } from '../adapter-profile';
import type { KernelSet, OperatorKernels } from '../kernel';
import { concat } from './concat';
import { conv2d, conv2dWith, type LaterVariants } from './conv2d';
import type { SoftwareVariant } from './convolution';
import { dense } from './dense';
import { globalPool2d } from './global-pool2d';
import { maxPool2d } from './max-pool2d';
import { reshape } from './reshape';
import { slice } from './slice';
import { softmax } from './softmax';
import { transpose } from './transpose';

/** The core: operators of most fused networks, and the transposes that planning adds. */
const core = {
  concat,
  conv2d,
  dense,
  'global-pool2d': globalPool2d,
  'max-pool2d': maxPool2d,
  reshape,
  slice,
  softmax,
  transpose,
};

type Later = Exclude<Operator, keyof typeof core>;

/** All other operators, downloaded with the first graph that has them. */
const later: { readonly [K in Later]: () => Promise<OperatorKernels<K>> } = {
  argmax: async () => (await import('./argmax')).argmax,
  'average-pool2d': async () => (await import('./average-pool2d')).averagePool2d,
  'batch-norm': async () => (await import('./batch-norm')).batchNorm,
  binary: async () => (await import('./binary')).binary,
  cast: async () => (await import('./cast')).cast,
  'conv-transpose2d': async () => (await import('./conv-transpose2d')).convTranspose2d,
  'depth-to-space': async () => (await import('./depth-to-space')).depthToSpace,
  expand: async () => (await import('./expand')).expand,
  gather: async () => (await import('./gather')).gather,
  'grid-sample': async () => (await import('./grid-sample')).gridSample,
  'instance-norm': async () => (await import('./instance-norm')).instanceNorm,
  'layer-norm': async () => (await import('./layer-norm')).layerNorm,
  matmul: async () => (await import('./matmul')).matmul,
  'max-pool2d-indices': async () => (await import('./max-pool2d-indices')).maxPool2dIndices,
  'non-maximum-suppression': async () => (await import('./non-maximum-suppression')).nonMaximumSuppression,
  'non-zero': async () => (await import('./non-zero')).nonZero,
  pad: async () => (await import('./pad')).pad,
  reduce: async () => (await import('./reduce')).reduce,
  resize2d: async () => (await import('./resize2d')).resize2d,
  scatter: async () => (await import('./scatter')).scatter,
  'space-to-depth': async () => (await import('./space-to-depth')).spaceToDepth,
  split: async () => (await import('./split')).split,
  'ssd-decode': async () => (await import('./ssd-decode')).ssdDecode,
  tile: async () => (await import('./tile')).tile,
  'top-k': async () => (await import('./top-k')).topK,
  unary: async () => (await import('./unary')).unary,
  'upsample-conv2d': async () => (await import('./upsample-conv2d')).upsampleConv2d,
  where: async () => (await import('./where')).where,
};

/** Variants of conv2d that only software adapters choose and tuning tries. */
const softwareVariants = (): Promise<SoftwareVariant[]> =>
  Promise.all([
    import('./conv2d-quad').then(({ conv2dQuad }) => conv2dQuad),
    import('./conv2d-winograd4').then(({ conv2dWinograd4 }) => conv2dWinograd4),
    import('./conv2d-winograd6').then(({ conv2dWinograd6 }) => conv2dWinograd6),
  ]);

/** Whether F(2×2, 3×3) may be the best guess for a convolution of the graph on such an adapter. */
const winogradMayPay = ({ nodes, values }: Graph, { winograd: { leastChannels } }: AdapterProfile): boolean =>
  nodes.some(({ op, inputs }) => {
    if (op !== 'conv2d') return false;
    const [outChannels, inChannels, height, width] = values.get(inputs[1])!.shape;
    return height === 3 && width === 3 && Math.min(outChannels, inChannels) >= leastChannels;
  });

async function laterVariants(graph: Graph, profile: AdapterProfile | undefined): Promise<LaterVariants> {
  const [split, winograd, software] = await Promise.all([
    profile?.slowBarriers ? undefined : import('./conv2d-split'),
    !profile || winogradMayPay(graph, profile) ? import('./conv2d-winograd') : undefined,
    !profile || profile.software ? softwareVariants() : undefined,
  ]);
  return { split, winograd, software };
}

/**
 * The kernels that a graph needs, for `makePlan`.
 *
 * @param profile of the adapter that will run them; without it every variant is loaded, as for tuning
 */
export async function loadKernels(graph: Graph, profile?: AdapterProfile): Promise<KernelSet> {
  const operators = new Set(graph.nodes.map(({ op }) => op));
  const kernels = new Map(Object.entries(core)) as Map<Operator, unknown>;
  const missing = [...operators].filter((op): op is Later => !kernels.has(op));
  await Promise.all([
    ...missing.map(async (op) => kernels.set(op, await later[op]())),
    operators.has('conv2d') &&
      laterVariants(graph, profile).then((variants) => kernels.set('conv2d', conv2dWith(variants))),
  ]);
  return kernels as KernelSet;
}
