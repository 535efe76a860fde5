import type { Plan, PlanOptions } from './plan';
import { shareEpilogues } from './share-epilogues';
import { sharePipelines } from './share-pipelines';

/**
 * A plan for where compiling is slow.
 *
 * @param isDecided whether the kernels of its nodes stay as they are
 */
export const withFewPipelines = (plan: Plan, device: PlanOptions['device'], isDecided: boolean): Plan =>
  shareEpilogues(isDecided ? plan : sharePipelines(plan, device));
