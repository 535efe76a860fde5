import type { Graph } from '../graph/graph';
import { optimise } from '../graph/passes';
import { loadKernels } from './kernels';
import { makePlan, type Plan, type PlanOptions } from './plan';

export interface PlanGraphOptions extends PlanOptions {
  /** False: plan the graph as it is, without fusing. */
  readonly optimise?: boolean;
  /** Decides by measuring the candidates of a draft, unless `choose` is given. */
  readonly tune?: (draft: Plan) => Promise<NonNullable<PlanOptions['choose']>>;
}

/** Graphs of more nodes are searched for chains of functions; the search is downloaded with the first. */
const MANY_NODES = 1000;

async function fuse(source: Graph, { device: { profile } }: PlanGraphOptions): Promise<Graph> {
  const graph = await optimise(source, { ...profile, fusesAttention: !profile.slowBarriers });
  if (graph.nodes.length <= MANY_NODES) return graph;
  const { fuseUnaryChains } = await import('../graph/passes/fuse-unary-chains');
  return fuseUnaryChains(graph);
}

/**
 * The one way from a graph to its plan: fuses, loads kernels, tunes, plans.
 *
 * @throws UnsupportedOperatorError naming every node that no kernel can run
 */
export async function planGraph(source: Graph, options: PlanGraphOptions): Promise<Plan> {
  const { device, tune } = options;
  const graph = options.optimise === false ? source : await fuse(source, options);
  const kernels = await loadKernels(graph, tune ? undefined : device.profile);
  const choose = options.choose ?? (await tune?.(makePlan(graph, kernels, options)));
  const plan = makePlan(graph, kernels, { ...options, choose });
  if (!device.profile.slowCompiler) return plan;
  const { withFewPipelines } = await import('./few-pipelines');
  return withFewPipelines(plan, device, choose !== undefined);
}
