import type { Graph } from '../../graph/graph';
import type { Operator } from '../../graph/operators';
import type { KernelSet, OperatorKernels } from '../kernel';
import { concat } from './concat';
import { conv2d, conv2dWith } from './conv2d';
import { dense } from './dense';
import { globalPool2d } from './global-pool2d';
import { maxPool2d } from './max-pool2d';
import { reshape } from './reshape';
import { resize2d } from './resize2d';
import { slice } from './slice';
import { softmax } from './softmax';
import { transpose } from './transpose';

/** Operators of fused classifiers and U-Nets, and those that planning itself adds: part of the core. */
const core = {
  concat,
  conv2d,
  dense,
  'global-pool2d': globalPool2d,
  'max-pool2d': maxPool2d,
  reshape,
  resize2d,
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
  'non-maximum-suppression': async () => (await import('./non-maximum-suppression')).nonMaximumSuppression,
  pad: async () => (await import('./pad')).pad,
  reduce: async () => (await import('./reduce')).reduce,
  'space-to-depth': async () => (await import('./space-to-depth')).spaceToDepth,
  split: async () => (await import('./split')).split,
  'ssd-decode': async () => (await import('./ssd-decode')).ssdDecode,
  tile: async () => (await import('./tile')).tile,
  'top-k': async () => (await import('./top-k')).topK,
  unary: async () => (await import('./unary')).unary,
  'upsample-conv2d': async () => (await import('./upsample-conv2d')).upsampleConv2d,
  where: async () => (await import('./where')).where,
};

/**
 * The kernels that a graph needs, for `makePlan`.
 *
 * @param softwareVariants with the convolutions that only software adapters choose and tuning tries
 */
export async function loadKernels(graph: Graph, softwareVariants = true): Promise<KernelSet> {
  const kernels = new Map(Object.entries(core)) as Map<Operator, unknown>;
  const missing = new Set(graph.nodes.map(({ op }) => op).filter((op) => !kernels.has(op))) as Set<Later>;
  await Promise.all([...missing].map(async (op) => kernels.set(op, await later[op]())));
  if (softwareVariants && graph.nodes.some(({ op }) => op === 'conv2d')) {
    kernels.set('conv2d', conv2dWith((await import('./conv2d-software')).softwareVariants));
  }
  return kernels as KernelSet;
}
