import type { Graph, GraphNode } from '../../../../src/graph/graph';

/** Exercise 1. */
export const trafficOf = (values: number, steps: number, isFused: boolean): number =>
  4 * values * (isFused ? 2 : 2 * steps);

/** Exercise 2. */
export const mayFuse = ({ nodes, outputs }: Graph, { outputs: [value] }: GraphNode): boolean =>
  !outputs.includes(value) && nodes.filter(({ inputs }) => inputs.includes(value)).length === 1;
