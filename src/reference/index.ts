import { ArgumentError } from '../errors';
import type { Graph, GraphNode } from '../graph/graph';
import { type DataType, type Shape, sameShape, sizeOf, Tensor } from '../tensor';
import { argmax } from './argmax';
import { averagePool2d } from './average-pool2d';
import { batchNorm } from './batch-norm';
import { binary } from './binary';
import { cast } from './cast';
import { concat } from './concat';
import { convTranspose2d } from './conv-transpose2d';
import { conv2d } from './conv2d';
import { dense } from './dense';
import { depthToSpace } from './depth-to-space';
import { expand } from './expand';
import { gather } from './gather';
import { globalPool2d } from './global-pool2d';
import { instanceNorm } from './instance-norm';
import { layerNorm } from './layer-norm';
import { matmul } from './matmul';
import { maxPool2d } from './max-pool2d';
import { nonMaximumSuppression } from './non-maximum-suppression';
import { pad } from './pad';
import { reduce } from './reduce';
import { reshape } from './reshape';
import { resize2d } from './resize2d';
import { slice } from './slice';
import { softmax } from './softmax';
import { spaceToDepth } from './space-to-depth';
import { split } from './split';
import { ssdDecode } from './ssd-decode';
import { tile } from './tile';
import { transpose } from './transpose';
import { unary } from './unary';
import { upsampleConv2d } from './upsample-conv2d';
import { where } from './where';

/**
 * Runs one node on the CPU.
 *
 * @param shapes of the node's outputs, as the graph declares them
 */
export function runReferenceNode(node: GraphNode, inputs: readonly Tensor[], shapes: readonly Shape[]): Tensor[] {
  const [a, b, c, d, e] = inputs;
  const [shape] = shapes;
  switch (node.op) {
    case 'conv2d':
      return [conv2d(a, b, c, d, node.attributes, shape)];
    case 'conv-transpose2d':
      return [convTranspose2d(a, b, c, d, node.attributes, shape)];
    case 'dense':
      return [dense(a, b, c, d, node.attributes, shape)];
    case 'matmul':
      return [matmul(a, b, shape)];
    case 'max-pool2d':
      return [maxPool2d(a, node.attributes, shape)];
    case 'average-pool2d':
      return [averagePool2d(a, node.attributes, shape)];
    case 'global-pool2d':
      return [globalPool2d(a, node.attributes)];
    case 'resize2d':
      return [resize2d(a, node.attributes, shape)];
    case 'upsample-conv2d':
      return [upsampleConv2d(a, b, c, d, node.attributes, shape)];
    case 'unary':
      return [unary(a, node.attributes)];
    case 'binary':
      return [binary(a, b, node.attributes.fn, shape)];
    case 'where':
      return [where(a, b, c, shape)];
    case 'softmax':
      return [softmax(a, node.attributes)];
    case 'argmax':
      return [argmax(a, node.attributes, shape)];
    case 'reduce':
      return [reduce(a, node.attributes, shape)];
    case 'batch-norm':
      return [batchNorm(a, b, c, d, e, node.attributes)];
    case 'instance-norm':
      return [instanceNorm(a, b, c, node.attributes)];
    case 'layer-norm':
      return [layerNorm(a, b, c, node.attributes)];
    case 'concat':
      return [concat(inputs, node.attributes, shape)];
    case 'split':
      return split(a, node.attributes);
    case 'slice':
      return [slice(a, node.attributes)];
    case 'pad':
      return [pad(a, node.attributes, shape)];
    case 'transpose':
      return [transpose(a, node.attributes, shape)];
    case 'reshape':
      return [reshape(a, node.attributes)];
    case 'expand':
      return [expand(a, node.attributes)];
    case 'tile':
      return [tile(a, shape)];
    case 'gather':
      return [gather(a, b, node.attributes, shape)];
    case 'depth-to-space':
      return [depthToSpace(a, node.attributes, shape)];
    case 'space-to-depth':
      return [spaceToDepth(a, node.attributes, shape)];
    case 'cast':
      return [cast(a, node.attributes)];
    case 'ssd-decode':
      return [ssdDecode(a, b, node.attributes)];
    case 'non-maximum-suppression':
      return nonMaximumSuppression(a, b, node.attributes, shape);
    default:
      throw new ArgumentError(`no reference for operator ${(node satisfies never as GraphNode).op}`);
  }
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
