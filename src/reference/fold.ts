import type { Graph } from '../graph/graph';
import { foldConstants } from '../graph/passes/fold-constants';

/** The graph with what depends on constants alone computed; the references that do it are only loaded if needed. */
export async function withConstantsFolded(graph: Graph): Promise<Graph> {
  if (!graph.nodes.some((node) => node.inputs.every((input) => graph.constants.has(input)))) return graph;
  const { runReferenceNode } = await import('.');
  return foldConstants(runReferenceNode)(graph);
}
