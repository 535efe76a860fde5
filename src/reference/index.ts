import { ArgumentError } from '../errors';
import type { Graph, GraphNode } from '../graph/graph';
import type { Operator } from '../operators';
import { type DataType, type Shape, sameShape, sizeOf, Tensor } from '../tensor';
import type { Reference } from './reference';

/** Every module of this folder: an operator's reference is in the file of its name, under that name in camel case. */
const modules = import.meta.glob<Readonly<Record<string, unknown>>>(
  ['./*.ts', '!./{index,runner,picture,segment-mask}.ts'],
  { eager: true },
);

function referenceOf<O extends Operator>(op: O): Reference<O, Tensor | Tensor[]> {
  const path = `./${op}.ts`;
  const name = op.replace(/-\w/g, (letter) => letter[1].toUpperCase());
  if (!Object.hasOwn(modules, path)) throw new ArgumentError(`no reference for operator ${op}`);
  return modules[path][name] as Reference<O, Tensor | Tensor[]>;
}

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
  return [referenceOf(op)(inputs, attributes, shapes)].flat();
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
  const unknown = outputs.find((output) => !graph.values.has(output));
  if (unknown !== undefined) throw new ArgumentError(`there is no value "${unknown}" in graph "${graph.name}"`);
  const values = new Map<string, Tensor>(graph.constants);
  for (const name of graph.inputs) {
    const tensor = inputs[name];
    const { shape, dtype } = graph.values.get(name)!;
    if (!tensor) throw new ArgumentError(`input "${name}" of graph "${graph.name}" is missing`);
    if (tensor.dtype !== dtype || !sameShape(tensor.shape, shape)) {
      const text = (t: { dtype: DataType; shape: Shape }): string => `${t.dtype} [${t.shape.join(', ')}]`;
      throw new ArgumentError(`input "${name}" must be ${text({ dtype, shape })}, got ${text(tensor)}`);
    }
    values.set(name, tensor);
  }
  const counters = outputs.flatMap((output) => graph.rowCounts?.get(output) ?? []);
  for (const node of nodesFor(graph, [...outputs, ...counters])) {
    const results = runReferenceNode(
      node,
      node.inputs.map((input) => values.get(input)!),
      node.outputs.map((output) => graph.values.get(output)!.shape),
    );
    for (const [i, output] of node.outputs.entries()) values.set(output, results[i]);
  }
  return new Map(
    outputs.map((output) => {
      const value = values.get(output)!;
      const counter = graph.rowCounts?.get(output);
      return [output, counter === undefined ? value : leadingRows(value, values.get(counter)!.data[0])];
    }),
  );
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

function leadingRows({ dtype, shape: [, ...row], data }: Tensor, rows: number): Tensor {
  return new Tensor(dtype, [rows, ...row], data.slice(0, rows * sizeOf(row)));
}
