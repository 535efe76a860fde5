import type { Graph, GraphNode } from '../../../src';
import { producersOf } from '../../../src/graph/graph';

/**
 * The nodes of a network as it is written that became one node of the network as it runs: all on the way from what the
 * node reads to what it makes, in order. None where only the fused network has the node's result.
 */
export function writtenAs(source: Graph, fused: Graph, node: GraphNode): GraphNode[] {
  const makers = producersOf(source);
  const found = new Set<GraphNode>();
  const visit = (value: string): void => {
    const maker = makers.get(value);
    if (!maker || found.has(maker)) return;
    found.add(maker);
    for (const input of maker.inputs) if (!fused.values.has(input)) visit(input);
  };
  for (const output of node.outputs) visit(output);
  return source.nodes.filter((written) => found.has(written));
}
