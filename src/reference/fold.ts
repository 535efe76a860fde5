import type { Graph } from '../graph/graph';

/** The graph with what depends on constants alone computed; the pass and the references are only loaded if needed. */
export async function withConstantsFolded(graph: Graph): Promise<Graph> {
  if (!graph.nodes.some((node) => node.inputs.every((input) => graph.constants.has(input)))) return graph;
  const [{ runReferenceNode }, { foldConstants }] = await Promise.all([
    import('.'),
    import('../graph/passes/fold-constants'),
  ]);
  return foldConstants(runReferenceNode)(graph);
}
