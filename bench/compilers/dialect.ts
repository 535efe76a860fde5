import type { Chip } from './chips';

/** A line of FOVEA_PIPELINES: what Mesa made of one compute pipeline. */
export interface CompiledPipeline {
  /** By the compiler's own names. */
  readonly statistics: Readonly<Record<string, number>>;
  /** Invocations that run in step: a wave. */
  readonly subgroup: number;
  readonly workgroup: readonly [x: number, y: number, z: number];
  readonly assembly: string;
}

export type Kind =
  | 'multiply-add'
  | 'float'
  | 'transcendental'
  | 'integer multiply'
  | 'integer'
  | 'select'
  | 'compare'
  | 'move'
  | 'convert'
  | 'scalar'
  | 'branch'
  | 'load'
  | 'scalar load'
  | 'store'
  | 'spill'
  | 'workgroup memory'
  | 'wait';

export interface Instruction {
  readonly name: string;
  readonly text: string;
  readonly kind: Kind;
  /** Cycles that it keeps its SIMD. */
  readonly issue: number;
  /** Cycles that it keeps the first cache. */
  readonly cache: number;
  /** Cycles that it keeps workgroup memory, where that is apart from the first cache. */
  readonly shared: number;
  /** Multiply-adds of each lane. */
  readonly multiplyAdds: number;
}

/** Instructions between two labels or jumps. */
export interface Block {
  readonly label: string;
  readonly instructions: Instruction[];
  /** Labels that it may go on at, other than the next block's. */
  readonly jumps: string[];
}

export interface Registers {
  readonly registers: number;
  readonly spills: number;
  readonly fills: number;
  readonly scratchBytes: number;
  readonly workgroupBytes: number;
  /** Waves that a SIMD holds at once. */
  readonly waves: number;
  readonly instructions: number;
}

/** What instructions cost, in cycles. */
export interface Cycles {
  /** Of the SIMD. */
  readonly issue: number;
  /** Of the first cache. */
  readonly cache: number;
  /** Of workgroup memory. */
  readonly shared: number;
  /** Of a wave that has the GPU for itself, from its first instruction to its last. */
  readonly alone: number;
}

/** How to read a vendor's machine code. */
export interface Dialect {
  parse(pipeline: CompiledPipeline, chip: Chip): Block[];
  registers(pipeline: CompiledPipeline, chip: Chip): Registers;
  issueCycles(instructions: readonly Instruction[], chip: Chip): number;
  /** Of the last of several passes, in each of which a wave waits for what the one before has begun. */
  aloneCycles(instructions: readonly Instruction[], chip: Chip, passes: number): number;
  /** Of a whole kernel whose loops are not known, by the compiler's own estimate where it has one. */
  estimate(pipeline: CompiledPipeline): Cycles | undefined;
}
