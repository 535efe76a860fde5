import type { Graph } from '../graph';

/** Rewrites a graph without changing its results. */
export type Pass = (graph: Graph) => Graph;

/** Passes in the order in which they run. */
export type Passes = readonly (readonly [name: string, pass: Pass])[];

/** The facts about the device that passes may use: a rewriting that pays on a GPU need not on a software adapter. */
export interface Target {
  readonly software: boolean;
  /** Attention is faster in one kernel than as two products and a softmax; false by default. */
  readonly fusesAttention?: boolean;
  /** A depthwise convolution and the 1×1 that follows may be faster in one kernel; false by default. */
  readonly fusesSeparable?: boolean;
  /** Set where shaders ask for a size of subgroups. */
  readonly subgroupSize?: number;
  /** Fewer outputs than this leave the adapter idle in part; 0 by default. */
  readonly sharedSumInvocations?: number;
}

/** Runs passes once each, in order. */
export const optimiseWith = (passes: Passes, graph: Graph): Graph =>
  passes.reduce((result, [, pass]) => pass(result), graph);
