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

/**
 * The one way from a graph to its plan: fuses, loads kernels, tunes, plans.
 *
 * @throws UnsupportedOperatorError naming every node that no kernel can run
 */
export async function planGraph(source: Graph, options: PlanGraphOptions): Promise<Plan> {
  const { device, tune } = options;
  const graph =
    options.optimise === false
      ? source
      : await optimise(source, {
          ...device.profile,
          fusesAttention: !device.profile.slowBarriers,
        });
  const kernels = await loadKernels(graph, tune ? undefined : device.profile);
  const choose = options.choose ?? (await tune?.(makePlan(graph, kernels, options)));
  const plan = makePlan(graph, kernels, { ...options, choose });
  if (!device.profile.slowCompiler) return plan;
  const { shareEpilogues } = await import('./share-epilogues');
  return shareEpilogues(plan);
}
