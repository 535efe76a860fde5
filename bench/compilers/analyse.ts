import type { Precision } from '../../src/gpu/plan';
import { type ChipName, chipOf } from './chips';
import type { Kind, Registers } from './dialect';
import { type Dispatched, loopFacts, turnsOfLoops } from './loops';
import { arithmeticIn, type MachineCode } from './machine-code';
import { type Cost, costOf, LAUNCH_US, type Part, shareOfPeak } from './model';

/** A network on a chip. Times are modelled, none is measured. */
export interface NetworkReport {
  readonly launches: number;
  readonly megaflops: number;
  readonly gpuMs: number;
  /** With what each launch is assumed to cost. */
  readonly totalMs: number;
  readonly shareOfPeak: number;
  /** Shares of its time by bound, the largest first. */
  readonly bounds: Readonly<Partial<Record<Part, number>>>;
  /** The share of launches with fewer workgroups than the chip has compute units. */
  readonly smallGrids: number;
  /** The share of arithmetic in kernels that spill registers. */
  readonly spillingFlops: number;
  /** Each node that launches something: its kernel and setting, and microseconds. */
  readonly layers: readonly (readonly [node: string, way: string, us: number])[];
}

/** A pipeline that some network chose: the compiler's own figures. */
export interface PipelineReport extends Registers {
  readonly shader: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly storage: string;
  readonly setting: string;
  readonly launches: number;
  readonly megaflops: number;
  readonly subgroup: number;
  readonly hot?: Omit<HotLoop, 'mix'>;
}

/** An instruction count of a kernel's innermost loop. */
export interface HotLoop {
  readonly multiplyAdds: number;
  /** Vector arithmetic, multiply-adds included. */
  readonly arithmetic: number;
  readonly instructions: number;
  readonly loads: number;
  /** That a turn keeps its SIMD. */
  readonly cycles: number;
  readonly cacheCycles: number;
  /** Cycles of one turn when a wave has the GPU for itself. */
  readonly cyclesAlone: number;
  readonly shareOfPeak: number;
  readonly mix: Readonly<Partial<Record<Kind, number>>>;
}

export interface ChipReport {
  readonly chip: ChipName;
  readonly title: string;
  readonly precision: Precision;
  /** Set where it was not left to Dawn. */
  readonly subgroup?: number;
  readonly networks: Readonly<Record<string, NetworkReport>>;
  readonly pipelines: readonly PipelineReport[];
}

export interface Priced {
  readonly dispatch: Dispatched;
  readonly code: MachineCode;
  readonly cost: Cost;
}

/** Figures for dispatches from a chip's compiler and the model. */
export interface Analysis {
  readonly report: ChipReport;
  /** All that compiled, chosen or not. */
  readonly priced: readonly Priced[];
  readonly withoutPipeline: readonly Dispatched[];
  /** Shaders with arithmetic of whose loops the model knows nothing, so that one turn is counted. */
  readonly unknownLoops: readonly string[];
}

export function analyse(
  chip: ChipName,
  settings: Pick<ChipReport, 'precision' | 'subgroup'>,
  dispatches: readonly Dispatched[],
  codes: readonly MachineCode[],
): Analysis {
  const priced = dispatches.flatMap((dispatch): Priced[] => {
    const code = codes[dispatch.pipeline];
    return code ? [{ dispatch, code, cost: costOf(code, dispatch, loopFacts(dispatch), turnsOfLoops(dispatch)) }] : [];
  });
  const chosen = priced.filter(({ dispatch }) => dispatch.chosen);
  const networks = [...groupBy(chosen, ({ dispatch }) => dispatch.network)].map(([name, own]) => [
    name,
    networkReport(chip, own),
  ]);
  const pipelines = [...groupBy(chosen, ({ dispatch }) => dispatch.pipeline).values()].map(pipelineReport);
  const unknown = chosen.filter(({ dispatch, cost, code }) => cost.turns === 0 && dispatch.flops > 0 && code.hot);
  return {
    report: {
      chip,
      title: chipOf(chip).title,
      ...settings,
      networks: Object.fromEntries(networks),
      pipelines: pipelines.sort((a, b) => b.megaflops - a.megaflops),
    },
    priced,
    withoutPipeline: dispatches.filter(({ pipeline, chosen }) => chosen && !codes[pipeline]),
    unknownLoops: [...new Set(unknown.map(({ dispatch }) => dispatch.shader))],
  };
}

export function groupBy<T, K>(list: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of list) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

const sum = <T>(list: readonly T[], numberOf: (item: T) => number): number =>
  list.reduce((total, item) => total + numberOf(item), 0);

export const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Operations of nodes; a node's stand at each of its dispatches. */
function flopsOf(dispatches: readonly Dispatched[]): number {
  const nodes = new Map(dispatches.map(({ network, node, flops }) => [`${network}/${node}`, flops]));
  return sum([...nodes.values()], (flops) => flops);
}

function networkReport(chip: ChipName, own: readonly Priced[]): NetworkReport {
  const us = sum(own, ({ cost }) => cost.us);
  const flops = flopsOf(own.map(({ dispatch }) => dispatch));
  const spilling = own.filter(({ code }) => code.spills).map(({ dispatch }) => dispatch);
  const bounds = [...groupBy(own, ({ cost }) => cost.bound)]
    .map(([part, bound]) => [part, round(sum(bound, ({ cost }) => cost.us) / us, 3)] as const)
    .filter(([, share]) => share > 0)
    .sort(([, a], [, b]) => b - a);
  const { units } = chipOf(chip);
  return {
    launches: own.length,
    megaflops: round(flops / 1e6, 1),
    gpuMs: round(us / 1e3, 4),
    totalMs: round((us + LAUNCH_US * own.length) / 1e3, 4),
    shareOfPeak: round(shareOfPeak(flops, us, chipOf(chip)), 4),
    bounds: Object.fromEntries(bounds),
    smallGrids: round(own.filter(({ cost }) => cost.workgroups < units).length / own.length, 3),
    spillingFlops: round(flopsOf(spilling) / Math.max(1, flops), 3),
    layers: [...groupBy(own, ({ dispatch }) => dispatch.node)].map(([node, parts]) => {
      const { kernel, setting } = parts[0].dispatch;
      return [
        node,
        `${kernel} ${setting}`.trim(),
        round(
          sum(parts, ({ cost }) => cost.us),
          2,
        ),
      ];
    }),
  };
}

function pipelineReport(own: readonly Priced[]): PipelineReport {
  const [{ dispatch, code }] = own;
  const { mix: _, ...hot } = hotLoop(code) ?? { mix: undefined };
  const { shader, constants, storage, setting } = dispatch;
  return {
    shader,
    constants,
    storage,
    setting,
    launches: own.length,
    megaflops: round(sum(own, ({ dispatch }) => dispatch.flops) / 1e6, 1),
    subgroup: code.pipeline.subgroup,
    ...code.registers,
    ...('cycles' in hot && { hot }),
  };
}

/** @returns undefined where no loop has multiply-adds worth counting */
export function hotLoop(code: MachineCode): HotLoop | undefined {
  if (!code.hot) return undefined;
  const mix = code.hotMix();
  const { issue, cache, alone } = code.hotCycles;
  return {
    multiplyAdds: code.hotMultiplyAdds,
    arithmetic: arithmeticIn(mix),
    instructions: code.hotInstructions.filter(({ kind }) => kind !== 'wait').length,
    loads: mix.get('load') ?? 0,
    cycles: round(issue, 1),
    cacheCycles: round(cache, 1),
    cyclesAlone: round(alone, 1),
    shareOfPeak: round(code.shareOfPeak() ?? 0, 3),
    mix: Object.fromEntries(mix),
  };
}

/** Names a pipeline across runs. */
export const pipelineKey = ({
  shader,
  constants,
  storage,
}: Pick<PipelineReport, 'shader' | 'constants' | 'storage'>): string =>
  `${shader} ${storage} ${JSON.stringify(Object.entries(constants).sort())}`;

export const spills = ({ spills, scratchBytes }: Pick<Registers, 'spills' | 'scratchBytes'>): boolean =>
  spills > 0 || scratchBytes > 0;

/** A candidate that the model holds for faster than the default, launches included. */
export interface BetterCandidate {
  readonly op: string;
  readonly default: string;
  readonly better: string;
  readonly nodes: number;
  readonly usBefore: number;
  readonly usAfter: number;
}

/** A candidate must be so much faster to be listed. */
const WORTH_LISTING = 0.9;

/** Quads are made for SwiftShader alone, naive kernels for comparison, and loops that are not known are not timed. */
export const isComparable = ({ dispatch: { kernel, setting, flops }, code, cost }: Priced): boolean =>
  !/quad|naive/.test(kernel + setting) && (cost.turns > 0 || flops === 0 || !code.hot);

export function betterCandidates(priced: readonly Priced[]): BetterCandidate[] {
  const found = new Map<string, { -readonly [K in keyof BetterCandidate]: BetterCandidate[K] }>();
  for (const own of groupBy(priced, ({ dispatch }) => `${dispatch.network}/${dispatch.node}`).values()) {
    const ranks = [...groupBy(own, ({ dispatch }) => dispatch.rank)].filter(([, parts]) => parts.every(isComparable));
    const timed = ranks.map(([rank, parts]) => ({
      ...parts[0].dispatch,
      rank,
      us: sum(parts, ({ cost }) => cost.us + LAUNCH_US),
    }));
    const usual = timed.find(({ rank }) => rank === 0);
    if (!usual) continue;
    const best = timed.reduce((least, next) => (next.us < least.us ? next : least));
    if (best.us >= WORTH_LISTING * usual.us) continue;
    const names = {
      op: usual.op,
      default: `${usual.kernel} ${usual.setting}`,
      better: `${best.kernel} ${best.setting}`,
    };
    const key = Object.values(names).join('→');
    const row = found.get(key) ?? { ...names, nodes: 0, usBefore: 0, usAfter: 0 };
    row.nodes++;
    row.usBefore += usual.us;
    row.usAfter += best.us;
    found.set(key, row);
  }
  return [...found.values()].sort((a, b) => b.usBefore - b.usAfter - (a.usBefore - a.usAfter));
}
