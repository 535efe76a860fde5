import type { Graph } from '../../graph/graph';
import type { Operator, OperatorAttributes } from '../../operators';
import type { AdapterProfile } from '../adapter-profile';
import type { KernelSet, OperatorKernels } from '../kernel';
import { conv2d, conv2dWith, type LaterVariants } from './conv2d';
import { reshape } from './reshape';
import { softmax } from './softmax';
import { transpose } from './transpose';

/** The core: operators of most fused networks, and the transposes that planning adds. */
const core = {
  conv2d,
  reshape,
  softmax,
  transpose,
};

/** `top-k` is `topK` in code. */
type CamelCase<Kebab extends string> = Kebab extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Kebab;

const camelCase = (kebab: string): string => kebab.replace(/-\w/g, (letter) => letter[1].toUpperCase());

type Later = Exclude<Operator, keyof typeof core>;

/** All other operators, downloaded with the first graph that has them. */
const later: { readonly [K in Later]: () => Promise<{ readonly [Name in CamelCase<K>]: OperatorKernels<K> }> } = {
  argmax: () => import('./argmax'),
  attention: () => import('./attention'),
  'average-pool2d': () => import('./average-pool2d'),
  'batch-norm': () => import('./batch-norm'),
  binary: () => import('./binary'),
  cast: () => import('./cast'),
  concat: () => import('./concat'),
  'conv-transpose2d': () => import('./conv-transpose2d'),
  dense: () => import('./dense'),
  'depth-to-space': () => import('./depth-to-space'),
  expand: () => import('./expand'),
  gather: () => import('./gather'),
  'global-pool2d': () => import('./global-pool2d'),
  'grid-sample': () => import('./grid-sample'),
  'instance-norm': () => import('./instance-norm'),
  'layer-norm': () => import('./layer-norm'),
  matmul: () => import('./matmul'),
  'max-pool2d': () => import('./max-pool2d'),
  'max-pool2d-indices': () => import('./max-pool2d-indices'),
  'non-maximum-suppression': () => import('./non-maximum-suppression'),
  'non-zero': () => import('./non-zero'),
  pad: () => import('./pad'),
  reduce: () => import('./reduce'),
  resize2d: () => import('./resize2d'),
  scatter: () => import('./scatter'),
  'separable-conv2d': () => import('./separable-conv2d'),
  'separable-expand': () => import('./separable-expand'),
  'shortcut-conv2d': () => import('./shortcut-conv2d'),
  slice: () => import('./slice'),
  'space-to-depth': () => import('./space-to-depth'),
  split: () => import('./split'),
  'squeeze-excite': () => import('./squeeze-excite'),
  'ssd-decode': () => import('./ssd-decode'),
  tile: () => import('./tile'),
  'top-k': () => import('./top-k'),
  unary: () => import('./unary'),
  'unary-chain': () => import('./unary-chain'),
  'upsample-conv2d': () => import('./upsample-conv2d'),
  where: () => import('./where'),
};

/** Whether a convolution of the graph is neither of a picture, nor of single channels, nor of single pixels. */
const hasWindows = ({ nodes, values }: Graph): boolean =>
  nodes.some(({ op, attributes, inputs }) => {
    if (op !== 'conv2d') return false;
    const [outChannels, inChannels, height, width] = values.get(inputs[1])!.shape;
    const { groups, stride, padding } = attributes as OperatorAttributes['conv2d'];
    const isPointwise = [height, width, ...stride, ...padding.map((p) => p + 1), groups].every((v) => v === 1);
    return !(isPointwise || (groups === 1 && inChannels <= 4) || (inChannels === 1 && groups === outChannels));
  });

/** Whether a convolution of the graph sums over the window alone. */
const hasSingleChannels = ({ nodes, values }: Graph): boolean =>
  nodes.some(({ op, inputs }) => op === 'conv2d' && values.get(inputs[1])!.shape[1] === 1);

/** Whether F(2×2, 3×3) may be the best guess for a convolution of the graph on such an adapter. */
const winogradMayPay = ({ nodes, values }: Graph, { winograd: { leastChannels } }: AdapterProfile): boolean =>
  nodes.some(({ op, inputs }) => {
    if (op !== 'conv2d') return false;
    const [outChannels, inChannels, height, width] = values.get(inputs[1])!.shape;
    return height === 3 && width === 3 && Math.min(outChannels, inChannels) >= leastChannels;
  });

async function laterVariants(graph: Graph, profile: AdapterProfile | undefined): Promise<LaterVariants> {
  const forSoftware = !profile || profile.software;
  const [depthwise, windows, uniform, split, winograd, untaken, software] = await Promise.all([
    !profile || hasSingleChannels(graph)
      ? Promise.all([
          import('./conv2d-depthwise').then(({ conv2dDepthwise }) => conv2dDepthwise),
          ...(forSoftware ? [import('./conv2d-software').then((m) => m.conv2dDepthwiseColumn)] : []),
        ])
      : undefined,
    !profile || hasWindows(graph) ? import('./conv2d-windows') : undefined,
    !profile || profile.subgroupSize ? import('./conv2d-uniform') : undefined,
    profile?.slowBarriers ? undefined : import('./conv2d-split'),
    !profile || winogradMayPay(graph, profile) ? import('./conv2d-winograd') : undefined,
    !profile ? import('./conv2d-untaken') : undefined,
    forSoftware ? import('./conv2d-software').then(({ softwareVariants }) => softwareVariants) : undefined,
  ]);
  return { depthwise, windows, uniform, split, winograd, untaken, software };
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
    ...missing.map(async (op) =>
      kernels.set(op, ((await later[op]()) as Readonly<Record<string, unknown>>)[camelCase(op)]),
    ),
    operators.has('conv2d') &&
      laterVariants(graph, profile).then((variants) => kernels.set('conv2d', conv2dWith(variants))),
  ]);
  return kernels as KernelSet;
}
