import type { Operator } from '../../operators';
import type { Graph } from '../graph';
import { dropDead } from './drop-dead';
import { foldBatchNorm } from './fold-batch-norm';
import { fuseActivation } from './fuse-activation';
import { fuseBias } from './fuse-bias';
import { fuseResidual } from './fuse-residual';
import { optimiseWith, type Pass, type Passes, type Target } from './pass';

/** The passes that every graph goes through. Activations come twice: before a residual and after it. */
export const PASSES: Passes = [
  ['drop dead nodes', dropDead],
  ['fold batch normalisation', foldBatchNorm],
  ['fuse bias', fuseBias],
  ['fuse activation', fuseActivation],
  ['fuse residual', fuseResidual],
  ['fuse activation after residual', fuseActivation],
];

/** The passes that run behind {@link PASSES}, downloaded with the first graph that has a node of the operator named. */
const LATER: readonly (readonly [Operator, load: (target: Target) => Promise<Pass>])[] = [
  ['split', async () => (await import('./split-to-slices')).splitToSlices],
  ['batch-norm', async () => (await import('./fuse-batch-norm')).fuseBatchNorm],
  ['matmul', async (target) => (await import('./fuse-attention')).fuseAttention(target)],
  ['transpose', async () => (await import('./sink-shuffles')).sinkShuffles],
  ['concat', async () => (await import('./merge-heads')).mergeHeads],
  ['resize2d', async (target) => (await import('./join-enlargements')).joinEnlargements(target)],
  // The gates that it makes are factors.
  ['binary', async (target) => (await import('./fuse-squeeze')).fuseSqueeze(target)],
  ['conv2d', async (target) => (await import('./join-convolutions')).joinConvolutions(target)],
];

/** Runs every pass that can change the graph. */
export async function optimise(graph: Graph, target: Target): Promise<Graph> {
  const fused = optimiseWith(PASSES, graph);
  const operators = new Set(fused.nodes.map(({ op }) => op));
  const wanted = LATER.filter(([operator]) => operators.has(operator));
  const passes = await Promise.all(wanted.map(([, load]) => load(target)));
  return passes.reduce((result, pass) => pass(result), fused);
}
