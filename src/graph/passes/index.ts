import type { Graph } from '../graph';
import { dropDead } from './drop-dead';
import { foldBatchNorm } from './fold-batch-norm';
import { fuseActivation } from './fuse-activation';
import { fuseBias } from './fuse-bias';
import { fuseResidual } from './fuse-residual';

/** A rewriting of a graph that keeps what it computes. */
export type Pass = (graph: Graph) => Graph;

export type Passes = readonly (readonly [name: string, pass: Pass])[];

/** What passes may know of the device: what pays on a GPU need not on a software adapter. */
export interface Target {
  readonly software: boolean;
}

/** The passes in the order in which they run. Activations come twice: before a residual and after it. */
export const PASSES: Passes = [
  ['drop dead nodes', dropDead],
  ['fold batch normalisation', foldBatchNorm],
  ['fuse bias', fuseBias],
  ['fuse activation', fuseActivation],
  ['fuse residual', fuseResidual],
  ['fuse activation after residual', fuseActivation],
];

/** Runs passes once each, in order. */
export const optimiseWith = (passes: Passes, graph: Graph): Graph =>
  passes.reduce((result, [, pass]) => pass(result), graph);

/** Runs every pass of {@link PASSES} and, where branches of a network join, those of `joins.ts`, loaded only then. */
export async function optimise(graph: Graph, target: Target): Promise<Graph> {
  const fused = optimiseWith(PASSES, graph);
  if (!fused.nodes.some(({ op }) => op === 'concat' || op === 'resize2d')) return fused;
  const { joinPasses } = await import('./joins');
  return optimiseWith(joinPasses(target), fused);
}
