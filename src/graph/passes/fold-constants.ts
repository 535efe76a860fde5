import type { Tensor } from '../../tensor';
import type { Graph, GraphNode } from '../graph';
import type { Pass } from './pass';

/** Runs one node on known values. */
export type Evaluate = (node: GraphNode, inputs: readonly Tensor[], shapes: readonly (readonly number[])[]) => Tensor[];

/** Computes nodes that depend on constants alone. The evaluator is a parameter, since a graph knows no runner. */
export function foldConstants(evaluate: Evaluate): Pass {
  return (graph): Graph => {
    const constants = new Map(graph.constants);
    const nodes = graph.nodes.filter((node) => {
      const inputs = node.inputs.map((input) => constants.get(input));
      if (!inputs.every((input) => input !== undefined)) return true;
      const shapes = node.outputs.map((output) => graph.values.get(output)!.shape);
      for (const [i, tensor] of evaluate(node, inputs, shapes).entries()) constants.set(node.outputs[i], tensor);
      return false;
    });
    return { ...graph, nodes, constants };
  };
}
