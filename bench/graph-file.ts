import { readSafetensors, writeSafetensors } from '../src/formats/safetensors';
import type { Graph, GraphNode } from '../src/graph/graph';
import type { Tensor } from '../src/tensor';
import { permuted } from './permuted';

/** The parts of a Graph that TensorFlow.js needs, in one file. */
export interface GraphFile {
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly string[];
  readonly constants: ReadonlyMap<string, Tensor>;
}

/**
 * Writes a graph with its convolutions' weights in TensorFlow.js's layouts: `[KH, KW, C, O]`, depthwise
 * `[KH, KW, C, multiplier]`, transposed `[KH, KW, O, C]`.
 */
export function writeGraph({ nodes, outputs, constants }: Graph): Uint8Array {
  const laid = new Map(constants);
  for (const node of nodes) {
    if (node.op !== 'conv2d' && node.op !== 'conv-transpose2d') continue;
    const [, weight] = node.inputs;
    laid.set(weight, layWeight(node, constants.get(weight)!));
  }
  return writeSafetensors(laid, { nodes: JSON.stringify(nodes), outputs: JSON.stringify(outputs) });
}

function layWeight({ op, name, attributes }: GraphNode<'conv2d' | 'conv-transpose2d'>, weight: Tensor): Tensor {
  const { groups } = attributes;
  if (op === 'conv-transpose2d' || groups === 1) return permuted(weight, [2, 3, 1, 0]);
  const [outputs, perGroup, height, width] = weight.shape;
  if (perGroup !== 1)
    throw new Error(`conv2d "${name}": TensorFlow.js has no ${groups} groups of ${perGroup} channels`);
  return permuted(weight.reshape([groups, outputs / groups, height, width]), [2, 3, 0, 1]);
}

export function readGraph(bytes: Uint8Array): GraphFile {
  const { tensors, metadata } = readSafetensors(bytes, 'graph');
  const nodes: GraphNode[] = JSON.parse(metadata.nodes);
  const outputs: string[] = JSON.parse(metadata.outputs);
  return { nodes, outputs, constants: tensors };
}
