import { recordOf } from '../operators';
import { type Shape, sizeOf } from '../tensor';
import type { Graph, GraphNode } from './graph';

/** The cost of one node, by its definition rather than by any kernel. */
export interface NodeStatistics {
  /** Numbers in the node's constant inputs: weights, biases, running statistics, tables. */
  readonly parameters: number;
  /** Arithmetic operations; a multiply-add counts two. Work that depends on the data counts as none. */
  readonly flops: number;
  /** Numbers read and written when every input and output crosses memory once. */
  readonly elementsMoved: number;
}

export interface GraphStatistics {
  readonly nodes: ReadonlyMap<string, NodeStatistics>;
  /** A parameter that several nodes share counts once here. */
  readonly parameters: number;
  readonly flops: number;
}

/** Counts parameters and arithmetic, per node (by name) and in all. */
export function graphStatistics(graph: Graph): GraphStatistics {
  const shapeOf = (value: string): Shape => graph.values.get(value)!.shape;
  const total = (values: Iterable<string>): number =>
    [...values].reduce((sum, value) => sum + sizeOf(shapeOf(value)), 0);
  const constantsOf = (node: GraphNode): string[] => [...new Set(node.inputs)].filter((v) => graph.constants.has(v));
  const nodes = new Map(
    graph.nodes.map((node) => {
      const flops = recordOf(node.op).flops?.(node.attributes, node.inputs.map(shapeOf), shapeOf(node.outputs[0]));
      const parameters = total(constantsOf(node));
      const elementsMoved = total([...new Set(node.inputs), ...node.outputs]);
      return [node.name, { parameters, flops: flops ?? 0, elementsMoved }] as const;
    }),
  );
  return {
    nodes,
    parameters: total(new Set(graph.nodes.flatMap(constantsOf))),
    flops: [...nodes.values()].reduce((sum, { flops }) => sum + flops, 0),
  };
}
