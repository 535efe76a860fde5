import type { Operator, OperatorAttributes } from '../operators';
import type { Tensor, ValueInfo } from '../tensor';

export type { ValueInfo };

/** One operator applied to named values. */
export type GraphNode<O extends Operator = Operator> = {
  [K in O]: {
    /** Unique within the graph; errors and the profiler use it. */
    readonly name: string;
    readonly op: K;
    readonly attributes: OperatorAttributes[K];
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
  };
}[O];

/**
 * A network: nodes in topological order over named values with static shapes. Immutable; a pass returns a new one.
 * Every value is a graph input, a constant, or the output of exactly one node.
 */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly GraphNode[];
  readonly values: ReadonlyMap<string, ValueInfo>;
  readonly constants: ReadonlyMap<string, Tensor>;
  /** For an output whose length only a run tells: the int32 `[1]` value that holds its number of rows. */
  readonly rowCounts?: ReadonlyMap<string, string>;
  /** The axis that such rows lie along, where it is not the first. */
  readonly rowAxes?: ReadonlyMap<string, number>;
}

/** The nodes that read each value. */
export function consumersOf(graph: Graph): Map<string, GraphNode[]> {
  const consumers = new Map<string, GraphNode[]>();
  for (const node of graph.nodes) {
    for (const input of new Set(node.inputs)) {
      const list = consumers.get(input);
      if (list) list.push(node);
      else consumers.set(input, [node]);
    }
  }
  return consumers;
}

/** The node that makes each value; inputs and constants have none. */
export function producersOf(graph: Graph): Map<string, GraphNode> {
  return new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
}
