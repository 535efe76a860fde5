import { AMD } from './amd';
import type { Chip } from './chips';
import type { Block, CompiledPipeline, Cycles, Dialect, Instruction, Kind, Registers } from './dialect';
import { INTEL } from './intel';

/** Kinds that are vector arithmetic. */
const ARITHMETIC: readonly Kind[] = [
  'multiply-add',
  'float',
  'transcendental',
  'integer multiply',
  'integer',
  'select',
  'compare',
  'move',
  'convert',
];

const DIALECTS: Readonly<Record<Chip['vendor'], Dialect>> = { amd: AMD, intel: INTEL };

/** First and last block. */
export type Loop = readonly [first: number, last: number];
const contains = ([a, b]: Loop, [c, d]: Loop): boolean => a <= c && d <= b;
const isSame = (a: Loop, b: Loop): boolean => a[0] === b[0] && a[1] === b[1];

/** A wave fills its pipeline in the first pass of a loop; by the third all passes are alike. */
const PASSES_TO_SETTLE = 3;

/** The machine code of a pipeline, taken apart: its blocks and loops, and what they cost a wave. */
export class MachineCode {
  readonly blocks: readonly Block[];
  readonly loops: readonly Loop[];
  /** The innermost loop with the most multiply-adds. */
  readonly hot?: Loop;
  readonly hotMultiplyAdds: number;
  /** One turn of the hot loop, once the loop has settled. */
  readonly hotCycles: Cycles;
  readonly registers: Registers;
  readonly #dialect: Dialect;

  /** @param leastMultiplyAdds an innermost loop with fewer is not worth knowing its turns */
  constructor(
    readonly pipeline: CompiledPipeline,
    readonly chip: Chip,
    leastMultiplyAdds = 8,
  ) {
    this.#dialect = DIALECTS[chip.vendor];
    this.blocks = this.#dialect.parse(pipeline, chip);
    this.registers = this.#dialect.registers(pipeline, chip);
    this.loops = loopsOf(this.blocks);
    const inner = this.loops.filter((loop) => !this.loops.some((other) => other !== loop && contains(loop, other)));
    const ranked = inner.map((loop) => ({ loop, multiplyAdds: this.multiplyAddsIn(loop) }));
    const most = ranked.reduce((best, next) => (next.multiplyAdds > best.multiplyAdds ? next : best), {
      loop: undefined as Loop | undefined,
      multiplyAdds: leastMultiplyAdds - 1,
    });
    this.hot = most.loop;
    this.hotMultiplyAdds = most.loop ? most.multiplyAdds : 0;
    this.hotCycles = this.#cyclesOf(this.hotInstructions, PASSES_TO_SETTLE);
  }

  get spills(): boolean {
    return this.registers.spills > 0 || this.registers.scratchBytes > 0;
  }

  /** Waves that run a workgroup. */
  get wavesOfWorkgroup(): number {
    const [x, y, z] = this.pipeline.workgroup;
    return Math.ceil((x * y * z) / this.pipeline.subgroup);
  }

  instructionsIn([first, last]: Loop): Instruction[] {
    return this.blocks.slice(first, last + 1).flatMap(({ instructions }) => instructions);
  }

  /** The hot loop's instructions. */
  get hotInstructions(): Instruction[] {
    return this.hot ? this.instructionsIn(this.hot) : [];
  }

  /** All but the hot loop, each block as often as `turnsOf` says. */
  cyclesAround(turnsOf: (block: number) => number): Cycles {
    let sum: Cycles = { issue: 0, cache: 0, shared: 0, alone: 0 };
    for (const [i, { instructions }] of this.blocks.entries()) {
      if (this.hot && this.hot[0] <= i && i <= this.hot[1]) continue;
      sum = addCycles(sum, this.#cyclesOf(instructions, 1), turnsOf(i));
    }
    return sum;
  }

  /** The whole kernel, where nothing says how often its loops turn. */
  estimate(): Cycles {
    const all = this.blocks.flatMap(({ instructions }) => instructions);
    return this.#dialect.estimate(this.pipeline) ?? this.#cyclesOf(all, 1);
  }

  loopsAround(block: number): Loop[] {
    return this.loops.filter(([first, last]) => first <= block && block <= last);
  }

  /** Loops that the hot loop is in. */
  get outerLoops(): Loop[] {
    const { hot } = this;
    return hot ? this.loops.filter((loop) => !isSame(loop, hot) && contains(loop, hot)) : [];
  }

  /** The share of the SIMDs' multiply-adds that the hot loop reaches with all waves there are, loads counted. */
  shareOfPeak(): number | undefined {
    if (!this.hot) return undefined;
    const { issue, cache } = this.hotCycles;
    const ideal = (this.hotMultiplyAdds * this.pipeline.subgroup) / this.chip.lanes;
    return ideal / Math.max(issue, this.chip.simds * cache);
  }

  /** How many instructions of each kind the hot loop has. */
  hotMix(): Map<Kind, number> {
    const mix = new Map<Kind, number>();
    for (const { kind } of this.hotInstructions) mix.set(kind, (mix.get(kind) ?? 0) + 1);
    return mix;
  }

  multiplyAddsIn(loop: Loop): number {
    return this.instructionsIn(loop).reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0);
  }

  loadsIn(loop: Loop): boolean {
    return this.instructionsIn(loop).some(({ kind }) => kind === 'load' || kind === 'scalar load');
  }

  #cyclesOf(instructions: readonly Instruction[], passes: number): Cycles {
    return {
      issue: this.#dialect.issueCycles(instructions, this.chip),
      cache: sumOf(instructions, 'cache'),
      shared: sumOf(instructions, 'shared'),
      alone: this.#dialect.aloneCycles(instructions, this.chip, passes),
    };
  }
}

export const arithmeticIn = (mix: ReadonlyMap<Kind, number>): number =>
  ARITHMETIC.reduce((sum, kind) => sum + (mix.get(kind) ?? 0), 0);

export const addCycles = (a: Cycles, b: Cycles, times: number): Cycles => ({
  issue: a.issue + times * b.issue,
  cache: a.cache + times * b.cache,
  shared: a.shared + times * b.shared,
  alone: a.alone + times * b.alone,
});

const sumOf = (instructions: readonly Instruction[], key: 'cache' | 'shared'): number =>
  instructions.reduce((sum, instruction) => sum + instruction[key], 0);

/** A jump back makes a loop; of several to one block the last ends it. */
function loopsOf(blocks: readonly Block[]): Loop[] {
  const places = new Map(blocks.map(({ label }, i) => [label, i]));
  const ends = new Map<number, number>();
  for (const [i, { jumps }] of blocks.entries()) {
    for (const target of jumps) {
      const first = places.get(target);
      if (first !== undefined && first <= i) ends.set(first, Math.max(ends.get(first) ?? 0, i));
    }
  }
  return [...ends].sort(([a], [b]) => a - b);
}
