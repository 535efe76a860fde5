import { costOf } from '../../operators/cost';
import type { Tensor } from '../../tensor';
import type { Graph, GraphNode } from '../graph';
import type { Pass } from './pass';

/** Runs one node on known values. */
export type Evaluate = (node: GraphNode, inputs: readonly Tensor[], shapes: readonly (readonly number[])[]) => Tensor[];

/** The number of steps that may be spent: for any graph, and for each number that its constants hold. */
const LEAST_BUDGET = 2 ** 24;
const BUDGET_PER_NUMBER = 64;

/**
 * Computes nodes that depend on constants alone. A node that costs more than is left, as a giant shape does, stays a
 * node. The evaluator is a parameter, since a graph knows no runner.
 */
export function foldConstants(evaluate: Evaluate): Pass {
  return (graph): Graph => {
    const constants = new Map(graph.constants);
    let budget = LEAST_BUDGET;
    for (const tensor of constants.values()) budget += BUDGET_PER_NUMBER * tensor.size;
    const nodes = graph.nodes.filter((node) => {
      const inputs = node.inputs.map((input) => constants.get(input));
      if (!inputs.every((input) => input !== undefined)) return true;
      const shapes = node.outputs.map((output) => graph.values.get(output)!.shape);
      const from = inputs.map(({ shape }) => shape);
      const cost = costOf(node.op, node.attributes, from, shapes);
      if (cost > budget) return true;
      budget -= cost;
      for (const [i, tensor] of evaluate(node, inputs, shapes).entries()) constants.set(node.outputs[i], tensor);
      return false;
    });
    return { ...graph, nodes, constants };
  };
}
