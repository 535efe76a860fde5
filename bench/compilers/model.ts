import { type Chip, peakOf } from './chips';
import type { Cycles } from './dialect';
import type { LoopFacts } from './loops';
import { addCycles, type MachineCode } from './machine-code';

/** Assumed for each launch, one after the other. */
export const LAUNCH_US = 2.5;
/** Cycles until a wave has begun, guessed. */
const START_LATENCY = 700;
/** Bytes a cycle that a compute unit of AMD gets from the cache between its first and the second. */
const MIDDLE_CACHE_BYTES = 64;

/** What can be the slowest part of a dispatch. */
export type Part =
  | 'arithmetic'
  | 'first cache'
  | 'workgroup memory'
  | 'middle cache'
  | 'second cache'
  | 'memory'
  | 'latency';

export interface Cost {
  readonly us: number;
  readonly bound: Part;
  /** Microseconds that each part would need by itself. */
  readonly parts: Readonly<Partial<Record<Part, number>>>;
  readonly workgroups: number;
  readonly waves: number;
  /** Of the hot loop; 0 where they are not known. */
  readonly turns: number;
}

export interface Launch {
  readonly workgroups: readonly number[];
  readonly bytes: number;
}

/**
 * How long a dispatch takes: as long as its slowest part, each at its best, as if the others did not hinder it.
 * Nothing here was measured. Clocks do not ramp, caches hold what they should, no other work runs.
 */
export function costOf(
  code: MachineCode,
  { workgroups, bytes }: Launch,
  facts?: LoopFacts,
  loopTurns?: readonly number[],
): Cost {
  const { chip } = code;
  const groups = workgroups.reduce((product, n) => product * n, 1);
  const waves = groups * code.wavesOfWorkgroup;
  const wavesPerSimd = Math.ceil(waves / (chip.units * chip.simds));
  // SIMDs that share a first cache, as far as there are waves for them.
  const sharing = Math.min(chip.simds, Math.ceil(waves / chip.units));
  const turns = facts && code.hot ? Math.ceil(facts.multiplyAdds / Math.max(1, code.hotMultiplyAdds)) : 0;
  const wave =
    facts && turns > 0 ? cyclesOfWave(code, facts, turns) : (cyclesByLoops(code, loopTurns) ?? code.estimate());
  const cycles: Partial<Record<Part, number>> = {
    arithmetic: wavesPerSimd * wave.issue,
    'first cache': wavesPerSimd * sharing * wave.cache,
    'workgroup memory': wavesPerSimd * sharing * wave.shared,
    latency: Math.ceil(wavesPerSimd / code.registers.waves) * (wave.alone + START_LATENCY),
    ...(facts?.traffic && turns > 0 && cacheCycles(code, facts.traffic, turns, waves, wavesPerSimd * sharing)),
  };
  const parts: Partial<Record<Part, number>> = { memory: bytes / chip.gigabytesPerSecond / 1e3 };
  for (const [part, n] of Object.entries(cycles)) parts[part as Part] = n / chip.gigahertz / 1e3;
  const [bound, us] = Object.entries(parts).reduce((most, next) => (next[1] > most[1] ? next : most));
  return { us, bound: bound as Part, parts, workgroups: groups, waves, turns };
}

function cyclesOfWave(code: MachineCode, facts: LoopFacts, turns: number): Cycles {
  const outer = code.outerLoops;
  const turnsAround = (block: number): number => {
    const loops = code.loopsAround(block);
    if (loops.some((loop) => outer.includes(loop))) return Math.min(turns, facts.outerTurns);
    const isSum = loops.length > 0 && 2 * code.multiplyAddsIn(loops[0]) >= code.hotMultiplyAdds;
    const loads = loops.length > 0 && code.loadsIn(loops.at(-1)!);
    return loops.length === 0 ? 1 : facts.asideTurns(loops.length, block < code.hot![0], isSum, loads);
  };
  const around = code.cyclesAround(turnsAround);
  // A wave by itself is one that has work.
  const { alone } = code.cyclesAround((block) => Math.ceil(turnsAround(block)));
  return addCycles({ ...around, alone }, code.hotCycles, turns);
}

/** @returns undefined where the compiler has made more or fewer loops of the text */
function cyclesByLoops(code: MachineCode, loopTurns: readonly number[] = []): Cycles | undefined {
  if (code.hot || loopTurns.length === 0 || code.loops.length !== loopTurns.length) return undefined;
  const turnsOf = (block: number): number =>
    code.loopsAround(block).reduce((turns, loop) => turns * loopTurns[code.loops.indexOf(loop)], 1);
  return code.cyclesAround(turnsOf);
}

/**
 * Traffic beyond AMD's first cache: what a wave loads in a turn, each vec4 once; what other waves load of the same
 * counts again.
 */
function cacheCycles(
  code: MachineCode,
  { weights, slices, tiles = 1, aside = 0, another }: NonNullable<LoopFacts['traffic']>,
  turns: number,
  waves: number,
  wavesPerCache: number,
): Partial<Record<Part, number>> {
  const { secondCacheBytes } = code.chip;
  if (!secondCacheBytes) return {};
  // Neighbours along x make other channels of the same pixels.
  const [x] = code.pipeline.workgroup;
  const loads = code.hotMix().get('load') ?? 0;
  // A wave is as wide as its workgroup; along y it has slices, or pixels that share their weights.
  const lines = Math.floor(code.pipeline.subgroup / x);
  const linesOfWeights = slices > 1 ? Math.min(slices, Math.ceil(lines / tiles)) : 1;
  const bytes = (ofWeights: number, ofInputs: number): number =>
    16 * (ofWeights * x * linesOfWeights + ofInputs * lines);
  const ofWave =
    turns * bytes(Math.min(loads, weights), Math.max(0, loads - weights)) +
    (another ? another.turns * bytes(another.weights, another.inputs) : 0) +
    16 * aside * code.pipeline.subgroup;
  return {
    'second cache': (waves * ofWave) / secondCacheBytes,
    'middle cache': (wavesPerCache * ofWave) / MIDDLE_CACHE_BYTES,
  };
}

/** The share of a chip's arithmetic that so many operations in so many microseconds are. */
export const shareOfPeak = (flops: number, us: number, chip: Chip): number => ((flops / us) * 1e6) / peakOf(chip);
