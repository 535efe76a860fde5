import type { Operator } from '../../operators';
import type { Epilogue } from '../../operators/epilogue';
import type { DataType, Shape, Tensor } from '../../tensor';
import type { Graph, GraphNode, ValueInfo } from '../graph';

/** The parts of a graph that passes change. */
interface Draft {
  readonly nodes: (GraphNode | undefined)[];
  readonly values: Map<string, ValueInfo>;
  readonly constants: Map<string, Tensor>;
}

/** A graph being rewritten by a pass. */
export class GraphEditor {
  readonly #kept: ReadonlySet<string>;
  /** Copied at the first change, and gathered when a pass first asks: most passes find nothing to do. */
  #copied: Draft | undefined;
  #gathered: Links | undefined;

  constructor(private readonly graph: Graph) {
    this.#kept = new Set([...graph.outputs, ...(graph.rowCounts?.values() ?? [])]);
  }

  get #links(): Links {
    this.#gathered ??= new Links(this.#current.nodes);
    return this.#gathered;
  }

  get #current(): Pick<Graph, 'values' | 'constants'> & { readonly nodes: Readonly<Draft['nodes']> } {
    return this.#copied ?? this.graph;
  }

  get #draft(): Draft {
    const { nodes, values, constants } = this.graph;
    this.#copied ??= { nodes: [...nodes], values: new Map(values), constants: new Map(constants) };
    return this.#copied;
  }

  /** A copy of the current list of nodes, in order: a loop over it may rewrite the graph. */
  nodes(): GraphNode[] {
    return this.#current.nodes.filter((node) => node !== undefined);
  }

  /** Whether a node is still part of the graph. */
  has(node: GraphNode): boolean {
    return this.#links.position.has(node);
  }

  shape(value: string): Shape {
    return this.#current.values.get(value)!.shape;
  }

  dtype(value: string): DataType {
    return this.#current.values.get(value)!.dtype;
  }

  constant(value: string): Tensor | undefined {
    return this.#current.constants.get(value);
  }

  producer(value: string): GraphNode | undefined {
    return this.#links.producers.get(value);
  }

  consumers(value: string): readonly GraphNode[] {
    return [...(this.#links.consumers.get(value)?.keys() ?? [])];
  }

  /** Whether a value is an output of the graph, or counts the rows of one. */
  isKept(value: string): boolean {
    return this.#kept.has(value);
  }

  /** The only node that reads a value; undefined if there are others or the value is kept. */
  soleConsumer(value: string): GraphNode | undefined {
    const consumers = this.#links.consumers.get(value);
    return consumers?.size === 1 && !this.isKept(value) ? [...consumers.keys()][0] : undefined;
  }

  /** The value's maker, if it is a node of operator `op` and `reader` alone reads the value, once. */
  madeFor<O extends Operator>(value: string, reader: GraphNode, op: O): GraphNode<O> | undefined {
    const node = this.producer(value);
    const readOnce = this.#links.consumers.get(value)?.get(reader) === 1;
    return node?.op === op && readOnce && this.soleConsumer(value) === reader ? (node as GraphNode<O>) : undefined;
  }

  /** Whether one node runs before another. */
  isBefore(node: GraphNode, other: GraphNode): boolean {
    return this.#links.position.get(node)! < this.#links.position.get(other)!;
  }

  /** Adds a value under a free name and returns the name. */
  addValue(name: string, info: ValueInfo): string {
    let unique = name;
    for (let i = 2; this.#current.values.has(unique); i++) unique = `${name}_${i}`;
    this.#draft.values.set(unique, info);
    return unique;
  }

  /** Adds a constant under a free name and returns the name. */
  addConstant(name: string, tensor: Tensor): string {
    const unique = this.addValue(name, { shape: tensor.shape, dtype: tensor.dtype });
    this.#draft.constants.set(unique, tensor);
    return unique;
  }

  /** Puts `replacement` where `node` was. */
  replace(node: GraphNode, replacement: GraphNode): void {
    const position = this.#links.position.get(node)!;
    this.remove(node);
    this.#enter(replacement, position);
  }

  /** Adds a node right behind another. */
  insertAfter(node: GraphNode, added: GraphNode): void {
    const position = this.#links.position.get(node)! + 1;
    this.#draft.nodes.splice(position, 0, undefined);
    const places = this.#links.position;
    for (const [other, at] of places) if (at >= position) places.set(other, at + 1);
    this.#enter(added, position);
  }

  remove(node: GraphNode): void {
    this.#draft.nodes[this.#links.position.get(node)!] = undefined;
    this.#links.leave(node);
  }

  /** Makes every reader of `before` read `after` instead. */
  redirect(before: string, after: string): void {
    for (const node of this.consumers(before)) {
      const inputs = node.inputs.map((input) => (input === before ? after : input));
      this.replace(node, { ...node, inputs } as GraphNode);
    }
  }

  /** The rewritten graph without values and constants that are no longer used; where nothing changed, the graph. */
  build(): Graph {
    if (!this.#copied) return this.graph;
    return dropUnused({ ...this.graph, ...this.#copied, nodes: this.nodes() });
  }

  #enter(node: GraphNode, position: number): void {
    this.#draft.nodes[position] = node;
    this.#links.enter(node, position);
  }
}

/** A graph without values and constants that no node makes or reads. */
export function dropUnused(graph: Graph): Graph {
  const used = new Set([...graph.inputs, ...graph.outputs, ...(graph.rowCounts?.values() ?? [])]);
  for (const { inputs, outputs } of graph.nodes) {
    for (const input of inputs) used.add(input);
    for (const output of outputs) used.add(output);
  }
  const keepUsed = <T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> => {
    for (const name of map.keys()) {
      if (!used.has(name)) return new Map([...map].filter(([name]) => used.has(name)));
    }
    return map;
  };
  return { ...graph, values: keepUsed(graph.values), constants: keepUsed(graph.constants) };
}

/** Where nodes stand, and who makes and reads each value. */
class Links {
  readonly position = new Map<GraphNode, number>();
  readonly producers = new Map<string, GraphNode>();
  /** The nodes that read each value, and how often. */
  readonly consumers = new Map<string, Map<GraphNode, number>>();

  constructor(nodes: readonly (GraphNode | undefined)[]) {
    for (const [position, node] of nodes.entries()) if (node) this.enter(node, position);
  }

  enter(node: GraphNode, position: number): void {
    this.position.set(node, position);
    for (const input of node.inputs) {
      const consumers = this.consumers.get(input);
      if (consumers) consumers.set(node, (consumers.get(node) ?? 0) + 1);
      else this.consumers.set(input, new Map([[node, 1]]));
    }
    for (const output of node.outputs) this.producers.set(output, node);
  }

  leave(node: GraphNode): void {
    this.position.delete(node);
    for (const input of node.inputs) this.consumers.get(input)?.delete(node);
    for (const output of node.outputs) if (this.producers.get(output) === node) this.producers.delete(output);
  }
}

/** A node with a weight, a bias and an epilogue. */
export type WeightedNode = Extract<GraphNode, { readonly attributes: Epilogue }>;

export const isWeighted = (node: GraphNode | undefined): node is WeightedNode =>
  node !== undefined && 'residual' in node.attributes;

/** Whether a weighted node ends with its bias: without activation and residual. */
export const isBare = ({ attributes }: WeightedNode): boolean =>
  attributes.activation.fn === 'identity' && attributes.residual === 'none';
