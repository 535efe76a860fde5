import { consumersOf, type GraphNode } from '../graph';
import { dropUnused } from './editor';
import type { Pass } from './pass';

/** The most functions of one node, so that no launch takes long. */
const LONGEST = 64;

/** Joins functions of one number that follow each other: a long chain takes few launches. */
export const fuseUnaryChains: Pass = (graph) => {
  const kept = new Set([...graph.outputs, ...(graph.rowCounts?.values() ?? [])]);
  const consumers = consumersOf(graph);
  const isLink = (node: GraphNode): node is GraphNode<'unary'> =>
    node.op === 'unary' && graph.values.get(node.inputs[0])!.dtype === 'float32';
  const linkAfter = ({ outputs: [y] }: GraphNode): GraphNode<'unary'> | undefined => {
    const readers = consumers.get(y) ?? [];
    return readers.length === 1 && !kept.has(y) && isLink(readers[0]) ? readers[0] : undefined;
  };
  const joined = new Set<GraphNode>();
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    if (joined.has(node)) return [];
    if (!isLink(node)) return [node];
    const chain = [node];
    for (let next = linkAfter(node); next && chain.length < LONGEST; next = linkAfter(next)) chain.push(next);
    if (chain.length === 1) return chain;
    for (const link of chain) joined.add(link);
    const functions = chain.map(({ attributes }) => attributes);
    return [{ ...chain[chain.length - 1], op: 'unary-chain', attributes: { functions }, inputs: node.inputs }];
  });
  return joined.size === 0 ? graph : dropUnused({ ...graph, nodes });
};
