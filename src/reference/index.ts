import type { Graph, GraphNode } from '../graph/graph';
import { lastReadsOf } from '../graph/live-memory';
import { checkRun, countedOutputs, countersOf } from '../graph/run-arguments';
import type { Shape, Tensor } from '../tensor';
import { referenceOf } from './find';

const modules = import.meta.glob<Readonly<Record<string, unknown>>>(
  ['./*.ts', '!./{epilogue,find,fold,index,picture,reference,runner,segment-mask,strided}.ts'],
  { eager: true },
);

/**
 * Runs one node on the CPU.
 *
 * @param shapes of the node's outputs, as the graph declares them
 */
export function runReferenceNode(
  { op, attributes }: Pick<GraphNode, 'op' | 'attributes'>,
  inputs: readonly Tensor[],
  shapes: readonly Shape[],
): Tensor[] {
  return [referenceOf(modules, op)(inputs, attributes, shapes)].flat();
}

/**
 * Runs a graph on the CPU, one plain function per operator: the truth that the shaders are held to. Nodes that the
 * outputs do not need are left out.
 *
 * @param outputs which values to return; by default the graph's outputs. Where `graph.rowCounts` says how many rows of
 *   one count, the others are cut off
 * @throws ArgumentError when an input is missing or has another shape or type than the graph declares, and when it
 *   declares no value of the name of an output
 */
export function runReference(
  graph: Graph,
  inputs: Readonly<Record<string, Tensor>>,
  outputs: readonly string[] = graph.outputs,
): Map<string, Tensor> {
  checkRun(graph, inputs, outputs);
  const values = new Map<string, Tensor>(graph.constants);
  for (const name of graph.inputs) values.set(name, inputs[name]);
  const wanted = [...outputs, ...countersOf(graph, outputs)];
  const nodes = nodesFor(graph, wanted);
  const lastReads = lastReadsOf({ ...graph, nodes, outputs: wanted });
  for (const node of nodes) {
    const results = runReferenceNode(
      node,
      node.inputs.map((input) => values.get(input)!),
      node.outputs.map((output) => graph.values.get(output)!.shape),
    );
    for (const [i, output] of node.outputs.entries()) values.set(output, results[i]);
    for (const value of lastReads.get(node.name)!) values.delete(value);
  }
  return countedOutputs(graph, outputs, values);
}

/** The nodes that these values depend on, in order. */
function nodesFor({ nodes }: Graph, values: readonly string[]): GraphNode[] {
  const wanted = new Set(values);
  const found = nodes.toReversed().filter(({ inputs, outputs }) => {
    const isWanted = outputs.some((output) => wanted.has(output));
    if (isWanted) for (const input of inputs) wanted.add(input);
    return isWanted;
  });
  return found.reverse();
}
