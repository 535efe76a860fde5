import type { Graph } from '../graph';

/** A rewriting of a graph that keeps what it computes. */
export type Pass = (graph: Graph) => Graph;

/** Passes in the order in which they run. */
export type Passes = readonly (readonly [name: string, pass: Pass])[];

/** What passes may know of the device: what pays on a GPU need not on a software adapter. */
export interface Target {
  readonly software: boolean;
}

/** Runs passes once each, in order. */
export const optimiseWith = (passes: Passes, graph: Graph): Graph =>
  passes.reduce((result, [, pass]) => pass(result), graph);
