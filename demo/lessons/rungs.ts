import type { Candidate } from '../../src/gpu/kernel';
import { loadKernels } from '../../src/gpu/kernels';
import { makePlan, type Plan, type PlanOptions } from '../../src/gpu/plan';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import { NO_EPILOGUE } from '../../src/operators/epilogue';
import { sizeOf, Tensor } from '../../src/tensor';

type Device = PlanOptions['device'];

export interface Rung {
  readonly kernel: string;
  /** The beginning of the setting's name in the plan. */
  readonly setting: string;
  readonly idea: string;
  /** Numbers loaded for each product, by the kernel's header; without it, the setting is a tile of pixels × channels. */
  readonly loads?: number;
  /** Winograd's F(m×m): a tile of m + 2 by m + 2 products makes m × m outputs. */
  readonly winograd?: number;
}

/** From the slowest up: each has one idea more than the last, or another in its place. */
export const RUNGS: readonly Rung[] = [
  { kernel: 'conv2d-naive', setting: '', idea: 'the definition', loads: 2 },
  { kernel: 'conv2d-vec4', setting: '', idea: 'four numbers in each load', loads: 1.25 },
  { kernel: 'conv2d-tiled', setting: '4×4', idea: 'register tile of 4 pixels × 4 channels' },
  { kernel: 'conv2d-tiled', setting: '4×8', idea: 'twice the channels' },
  { kernel: 'conv2d-tiled', setting: '8×8', idea: 'twice the pixels' },
  // For a row of taps and four inputs: 10 vectors of pixels and 24 of weights, for 768 multiply-adds.
  { kernel: 'conv2d-3x3', setting: '8×8', idea: 'a loaded pixel serves three taps', loads: (4 * 34) / 768 },
  { kernel: 'conv2d-staged', setting: '', idea: 'workgroup tile: 64 invocations share what they load' },
  { kernel: 'conv2d-workgroup', setting: '', idea: 'both: register tiles within the workgroup tile' },
  // A row of taps over 4 pixels × 4 channels loads 6 vectors of pixels and 12 of weights for 192 multiply-adds.
  { kernel: 'conv2d-split', setting: '', idea: 'split sums: invocations share each sum', loads: (4 * 18) / 192 },
  { kernel: 'conv2d-quad', setting: '', idea: 'four invocations share their loads' },
  { kernel: 'conv2d-winograd', setting: '8×8', idea: 'Winograd F(2×2): 16 products in place of 36', winograd: 2 },
  { kernel: 'conv2d-winograd4', setting: '8×8', idea: 'Winograd F(4×4): 36 in place of 144', winograd: 4 },
  { kernel: 'conv2d-winograd6', setting: '8×8', idea: 'Winograd F(6×6): 64 in place of 324', winograd: 6 },
  { kernel: 'conv2d-winograd6', setting: 'quads', idea: 'F(6×6), and four invocations share', winograd: 6 },
];

/** Numbers loaded for each multiply-add of the definition, in the early layer. */
export function loadsPerMultiplyAdd({ loads, winograd }: Rung, setting: string): number {
  const [pixels, outputs] = /(\d+)×(\d+)/.exec(setting)?.slice(1).map(Number) ?? [];
  const perProduct = loads ?? 1 / pixels + 1 / outputs;
  if (winograd === undefined) return perProduct;
  const [products, replaced] = [(winograd + 2) ** 2, 9 * winograd ** 2];
  // Two transforms load each number of a tile once for each channel; it takes part in products with all other channels.
  return (products / replaced) * (perProduct + 2 / LADDER_LAYERS.early.channels);
}

/** Columns of the ladder's table: all are about the early layer but the last, the rate in the late one. */
export const LADDER_HEADINGS = [
  'Rung',
  'Idea',
  'Loads per multiply-add',
  'Time',
  'GFLOP/s',
  'Against naive',
  'Of the bound',
  'Late layer, GFLOP/s',
] as const;

/** Where a rung stands in the list of candidates, or -1 where it is not among them. */
export const findRung = (candidates: readonly Pick<Candidate, 'kernel' | 'setting'>[], rung: Rung): number =>
  candidates.findIndex(({ kernel, setting }) => kernel === rung.kernel && setting.startsWith(rung.setting));

/**
 * Every rung computes two 3×3 convolutions of 151 million multiply-adds each: the early layer has many pixels, the late
 * one many channels.
 */
export const LADDER_LAYERS = { early: { channels: 64, size: 64 }, late: { channels: 256, size: 16 } } as const;

export type LadderLayer = keyof typeof LADDER_LAYERS;

export function ladderGraph(layer: LadderLayer): Graph {
  const { channels, size } = LADDER_LAYERS[layer];
  const b = new GraphBuilder('ladder');
  const filled = (...shape: number[]): Tensor =>
    Tensor.float32(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i) / 8),
    );
  const x = b.input('x', [1, channels, size, size]);
  const weight = b.constant('weight', filled(channels, channels, 3, 3));
  const bias = b.constant('bias', filled(channels));
  const attributes = { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [1, 1, 1, 1], groups: 1 } as const;
  return b.build(b.add('conv2d', [x, weight, bias], attributes));
}

/** The device, but with split sums wherever they can run: kernels leave them out where they would lose. */
export const ladderDevice = (traits: Device): Device => ({
  ...traits,
  profile: { ...traits.profile, slowBarriers: false, sharedSumInvocations: Infinity },
});

/** For each rung that the adapter can run, a plan of the graph that takes it. */
export async function planRungs(graph: Graph, traits: Device): Promise<ReadonlyMap<Rung, Plan>> {
  const kernels = await loadKernels(graph);
  const options = { precision: 'f32', device: ladderDevice(traits) } as const;
  const { candidates } = makePlan(graph, kernels, options).steps.find(({ node }) => node.op === 'conv2d')!;
  const plans = new Map<Rung, Plan>();
  for (const rung of RUNGS) {
    const index = findRung(candidates, rung);
    if (index < 0) continue;
    const choose: PlanOptions['choose'] = (all, { node }) => all[node.op === 'conv2d' ? index : 0];
    plans.set(rung, makePlan(graph, kernels, { ...options, choose }));
  }
  return plans;
}

/** How a plan's convolution names its tile. */
export const settingOf = (plan: Plan): string => plan.steps.find(({ node }) => node.op === 'conv2d')!.chosen.setting;

/** GFLOP/s to three digits: of a software adapter below one, of a GPU tens of thousands. */
export function gigaflops(flops: number, ms: number): string {
  const rate = flops / ms / 1e6;
  return rate >= 100 ? rate.toFixed(0) : rate.toPrecision(3);
}
