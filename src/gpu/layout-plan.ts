import type { Graph, GraphNode } from '../graph/graph';
import { consumersOf } from '../graph/graph';
import type { KernelSet } from './kernel';
import type { Layout } from './layout';

/** Graph nodes with a layout for each value; changes of layout have become nodes of their own. */
export interface LaidOutGraph {
  readonly nodes: readonly GraphNode[];
  readonly layouts: ReadonlyMap<string, Layout>;
  /** Values that were added for another layout of a value, by their names. */
  readonly relaid: ReadonlyMap<string, { readonly source: string; readonly layout: Layout }>;
}

/**
 * Chooses a layout for every value: what its maker gives, and a copy for readers that want another one.
 * Graph inputs and constants are laid out on the host, as their first reader wants them, and so does a transpose lay out
 * what it copies.
 */
export function planLayouts(graph: Graph, kernels: KernelSet): LaidOutGraph {
  const layouts = new Map<string, Layout>();
  const relaid = new Map<string, { source: string; layout: Layout }>();
  const nodes: GraphNode[] = [];
  const fromHost = new Set([...graph.inputs, ...graph.constants.keys()]);
  const consumers = consumersOf(graph);
  const rankOf = (value: string): number => graph.values.get(value)!.shape.length;

  /** Results of transposes that no node has read yet. */
  const undecided = new Set<string>();

  const want = (value: string, layout: Layout): string => {
    const has = layouts.get(value);
    const isFree = has === undefined || undecided.delete(value);
    if (isFree) layouts.set(value, layout);
    if (isFree || has === layout) return value;
    const name = `${value}@${layout}`;
    if (!relaid.has(name)) {
      relaid.set(name, { source: value, layout });
      layouts.set(name, layout);
      const permutation = Array.from({ length: rankOf(value) }, (_, axis) => axis);
      nodes.push({ name, op: 'transpose', attributes: { permutation }, inputs: [value], outputs: [name] });
    }
    return name;
  };

  for (const node of graph.nodes) {
    // The first reader decides the layout of a value from the host; an image is offered as nhwc4.
    const have = node.inputs.map((input) => {
      const known = layouts.get(input);
      if (known !== undefined) return known;
      const first = consumers.get(input)?.[0];
      return fromHost.has(input) && rankOf(input) === 4 && first === node ? 'nhwc4' : 'linear';
    });
    const { inputs, outputs } = kernels.get(node.op)!.layouts(node, graph, have);
    const laid = node.inputs.map((input, i) => want(input, inputs[i]));
    for (const [i, output] of node.outputs.entries()) layouts.set(output, outputs[i]);
    if (node.op === 'transpose') undecided.add(node.outputs[0]);
    nodes.push({ ...node, inputs: laid } as GraphNode);
  }
  for (const value of [...graph.inputs, ...graph.outputs]) if (!layouts.has(value)) layouts.set(value, 'linear');
  return { nodes, layouts, relaid };
}
