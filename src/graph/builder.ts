import { ShapeError } from '../errors';
import { inferOutputs, type Operator, type OperatorAttributes } from '../operators';
import { type DataType, type Shape, sizeOf, type Tensor } from '../tensor';
import type { Graph, GraphNode, ValueInfo } from './graph';

/**
 * Builds a Graph node by node, checking every shape as it goes.
 *
 * ```ts
 * const b = new GraphBuilder('tiny');
 * const x = b.input('image', [1, 3, 32, 32]);
 * const [y] = b.add('unary', [x], { fn: 'relu', alpha: 0, beta: 0 });
 * const graph = b.build([y]);
 * ```
 */
export class GraphBuilder {
  readonly #inputs: string[] = [];
  readonly #nodes: GraphNode[] = [];
  readonly #values = new Map<string, ValueInfo>();
  readonly #constants = new Map<string, Tensor>();
  readonly #nodeNames = new Set<string>();
  readonly #rowCounts = new Map<string, string>();
  readonly #rowAxes = new Map<string, number>();

  constructor(readonly name: string) {}

  /** Declares a graph input and returns its name. @throws ShapeError for a shape with a negative dimension or a name in use. */
  input(name: string, shape: Shape, dtype: DataType = 'float32'): string {
    sizeOf(shape);
    this.#define(name, { shape, dtype });
    this.#inputs.push(name);
    return name;
  }

  /** Adds a constant and returns its name. */
  constant(name: string, tensor: Tensor): string {
    const unique = this.uniqueName(name);
    this.#define(unique, tensor);
    this.#constants.set(unique, tensor);
    return unique;
  }

  /**
   * Adds a node and returns the names of its outputs. Without `name` the node is named after its operator.
   * The first output has the node's name, the others get a suffix, unless `outputs` names them.
   *
   * @throws ShapeError naming the node when the inputs do not fit the operator.
   */
  add<O extends Operator>(
    op: O,
    inputs: readonly string[],
    attributes: OperatorAttributes[O],
    name?: string,
    outputs?: readonly string[],
  ): string[] {
    const nodeName = this.#uniqueNodeName(name ?? op);
    const infer = (): ValueInfo[] => {
      const infos = inputs.map((input) => this.info(input));
      return inferOutputs(op, infos, attributes);
    };
    const names = inNode(op, nodeName, infer).map((info, i) => {
      const output = outputs?.[i] ?? this.uniqueName(i === 0 ? nodeName : `${nodeName}:${i}`);
      this.#define(output, info);
      return output;
    });
    this.#nodes.push({ name: nodeName, op, attributes, inputs: [...inputs], outputs: names } as unknown as GraphNode);
    return names;
  }

  /** Says that only the first `rows` rows of `value`, along an axis, count, where `rows` is an int32 `[1]` value. */
  limitRows(value: string, rows: string, axis = 0): void {
    this.#rowCounts.set(value, rows);
    if (axis !== 0) this.#rowAxes.set(value, axis);
  }

  /** @throws ShapeError when no value of that name was defined. */
  info(name: string): ValueInfo {
    const info = this.#values.get(name);
    if (!info) throw new ShapeError(`there is no value "${name}" in graph "${this.name}"`);
    return info;
  }

  shape(name: string): Shape {
    return this.info(name).shape;
  }

  constantOf(name: string): Tensor | undefined {
    return this.#constants.get(name);
  }

  /** A value name that is free: `name`, or `name` with a number. */
  uniqueName(name: string): string {
    return firstFree(name, (candidate) => this.#values.has(candidate));
  }

  build(outputs: readonly string[]): Graph {
    for (const output of outputs) this.info(output);
    return {
      name: this.name,
      inputs: [...this.#inputs],
      outputs: [...outputs],
      nodes: [...this.#nodes],
      values: new Map(this.#values),
      constants: new Map(this.#constants),
      rowCounts: new Map(this.#rowCounts),
      rowAxes: new Map(this.#rowAxes),
    };
  }

  #define(name: string, { shape, dtype }: ValueInfo): void {
    if (this.#values.has(name)) throw new ShapeError(`value "${name}" is defined twice in graph "${this.name}"`);
    this.#values.set(name, { shape: [...shape], dtype });
  }

  #uniqueNodeName(name: string): string {
    const unique = firstFree(name, (candidate) => this.#nodeNames.has(candidate));
    this.#nodeNames.add(unique);
    return unique;
  }
}

/** Names the node in the message of a ShapeError. */
export function inNode<T>(op: Operator, name: string, infer: () => T): T {
  try {
    return infer();
  } catch (error) {
    if (error instanceof ShapeError) throw new ShapeError(`${op} "${name}": ${error.message}`, { cause: error });
    throw error;
  }
}

function firstFree(name: string, taken: (candidate: string) => boolean): string {
  if (!taken(name)) return name;
  for (let i = 2; ; i++) if (!taken(`${name}_${i}`)) return `${name}_${i}`;
}
