import type { Graph } from '../graph/graph';
import { loadKernels } from './kernels';
import { makePlan, type Plan, type PlanOptions } from './plan';

/** Decides how a fused graph runs on a device, once its kernels are loaded. */
export async function planGraph(graph: Graph, options: PlanOptions): Promise<Plan> {
  const { software } = options.device;
  await loadKernels(graph, software);
  const plan = makePlan(graph, options);
  if (!software) return plan;
  // A software adapter takes up to a second for each pipeline.
  const { shareEpilogues } = await import('./share-epilogues');
  return shareEpilogues(plan);
}
