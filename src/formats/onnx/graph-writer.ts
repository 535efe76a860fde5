import { ModelFormatError } from '../../errors';
import { GraphBuilder, inNode } from '../../graph/builder';
import type { Graph, GraphNode, ValueInfo } from '../../graph/graph';
import { inferOutputs, type Operator, type OperatorAttributes } from '../../operators';
import { text } from '../../operators/checks';
import { costOf } from '../../operators/cost';
import { runReferenceNode } from '../../reference';
import { type Shape, sizeOf, Tensor } from '../../tensor';
import { finishGraph } from './finish-graph';
import { type OnnxTensor, toTensor } from './tensors';
import { defaultType, type OnnxType, typeInfo } from './types';

/** A value of the network under construction. Two values may share a `name` and differ in their ONNX type. */
export interface Value {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: Shape;
  /** For a value whose row count is only known after the run: the int32 `[1]` value that holds it. */
  readonly rows?: Value;
  /** The axis that those rows lie along. */
  readonly rowAxis?: number;
  /** What a dequantised value is a multiple of: whole steps, and the size of all of them. */
  readonly steps?: { readonly whole: Value; readonly scale: Value };
  /** The tensors of a sequence, which has no other value. */
  readonly items?: readonly Value[];
}

/** The most elements of one value: 1 GiB of float32, more than any adapter binds. */
const MOST_ELEMENTS = 2 ** 28;

/** The longest chain of nodes that is followed back in search of a value that is known before the run. */
const DEEPEST_SEARCH = 200;

/**
 * Writes a Graph. Nodes that depend on constants alone are computed at once with the CPU references, so that the
 * Shape–Gather–Concat–Reshape chains of exported networks disappear.
 */
export class GraphWriter {
  readonly #builder: GraphBuilder;
  /** Decodes each constant. A constant enters the Graph when a node first reads it. */
  readonly #constants = new Map<string, () => OnnxTensor | Tensor>();
  readonly #tensors = new Map<string, Tensor>();
  readonly #defined = new Map<string, string>();
  readonly #producers = new Map<string, GraphNode>();
  readonly #nodeNames = new Map<string, number>();
  readonly #inputs = new Set<string>();
  #names = 0;

  /**
   * @param given values of graph inputs that may be turned into constants where an operator needs to know them
   * @param budget how many multiplications and copies may be spent on constants; nodes beyond it stay nodes
   */
  constructor(
    readonly name: string,
    private readonly given: Readonly<Record<string, Tensor>>,
    private budget: number,
  ) {
    this.#builder = new GraphBuilder(name);
  }

  input(name: string, shape: Shape, type: OnnxType): Value {
    const { dtype } = typeInfo(type);
    checkSize(name, shape);
    this.#builder.input(name, shape, dtype);
    this.#inputs.add(name);
    // A value without elements is known before the run.
    if (sizeOf(shape) === 0) return this.constant(Tensor.zeros(dtype, shape), type);
    return { name, type, shape };
  }

  constant(tensor: Tensor, type: OnnxType = defaultType(tensor.dtype)): Value {
    return this.lazyConstant(tensor.shape, type, () => tensor);
  }

  /** A constant that is decoded when its values are first needed. */
  lazyConstant(shape: Shape, type: OnnxType, decode: () => OnnxTensor | Tensor): Value {
    checkSize('constant', shape);
    const name = this.#freshName();
    this.#constants.set(name, decode);
    return { name, type, shape };
  }

  isConstant(value: Value): boolean {
    return this.#constants.has(value.name);
  }

  /**
   * Adds a node, or computes it when all its inputs are constant.
   *
   * @param types ONNX types of the outputs; by default that of the first input with the same Graph type
   * @throws ShapeError naming the node
   */
  emit<O extends Operator>(
    nodeName: string,
    op: O,
    inputs: readonly Value[],
    attributes: OperatorAttributes[O],
    types: readonly OnnxType[] = [],
  ): Value[] {
    const infos = inNode(op, nodeName, () => inferOutputs(op, inputs.map(infoOf), attributes));
    for (const { shape } of infos) checkSize(nodeName, shape);
    const outputs = infos.map(
      ({ shape, dtype }, i): Value => ({
        name: this.#freshName(),
        type: types[i] ?? inputs.find((v) => typeInfo(v.type).dtype === dtype)?.type ?? defaultType(dtype),
        shape,
      }),
    );
    const names = outputs.map((o) => o.name);
    // TypeScript cannot narrow the union over operators by a generic one.
    const make = (operands: string[]): GraphNode =>
      ({ name: nodeName, op, attributes, inputs: operands, outputs: names }) as unknown as GraphNode;

    if (infos.every((info) => sizeOf(info.shape) === 0)) {
      for (const [i, info] of infos.entries()) this.#setTensor(names[i], Tensor.zeros(info.dtype, info.shape));
      return outputs;
    }
    if (inputs.every((v) => this.isConstant(v)) && this.#spend(op, attributes, inputs, infos)) {
      const results = runReferenceNode(
        make(inputs.map((v) => v.name)),
        inputs.map((v) => this.#tensorOf(v)),
        infos.map((info) => info.shape),
      );
      for (const [i, result] of results.entries()) this.#setTensor(names[i], result);
      return outputs;
    }
    const operands = inputs.map((v) => this.#define(v));
    this.#builder.add(op, operands, attributes, this.#uniqueNodeName(nodeName), names);
    const node = make(inputs.map((v) => v.name));
    for (const name of names) this.#producers.set(name, node);
    return outputs;
  }

  /**
   * The tensor that a value has on every run: a constant, an input whose value was given, or a result of cheap
   * operators on those. Undefined when it depends on an input that is not given.
   */
  known(value: Value): Tensor | undefined {
    return this.#evaluate(value.name, DEEPEST_SEARCH);
  }

  /** The same as {@link known}, but values may lie beyond int32, like the 2^63 - 1 that means "to the end" in Slice. */
  knownNumbers(value: Value): ArrayLike<number> | undefined {
    const decode = this.#constants.get(value.name);
    return decode && !this.#tensors.has(value.name) ? decode().data : this.known(value)?.data;
  }

  limitRows(value: Value, rows: Value, axis: number): void {
    this.#builder.limitRows(this.#define(value), this.#define(rows), axis);
  }

  /**
   * @param outputs the graph's outputs under their names
   * @param names ONNX's names of the other values; when two share a name, the first keeps it
   */
  finish(outputs: readonly (readonly [string, Value])[], names: readonly (readonly [string, Value])[]): Graph {
    const taken = new Set<string>();
    const produced = outputs.map(([name, value]) => {
      const isOwn = value.name === name || (this.#producers.has(value.name) && !taken.has(value.name));
      const { name: present } = isOwn ? value : this.#copy(value, name);
      taken.add(present);
      return [name, present] as const;
    });
    const graph = this.#builder.build(produced.map(([, name]) => name));
    const preferred = [
      ...produced,
      ...names.map(([name, value]) => [name, this.#defined.get(value.name) ?? value.name] as const),
    ];
    return finishGraph(graph, preferred, new Set(Object.keys(this.given)));
  }

  /** An output that is a constant, or has a second name, needs a node that makes it. */
  #copy(value: Value, name: string): Value {
    const operand = this.#define(value);
    const copy = { ...value, name: this.#freshName() };
    const attributes = { fn: 'identity', alpha: 0, beta: 0 } as const;
    this.#builder.add('unary', [operand], attributes, this.#uniqueNodeName(name), [copy.name]);
    return copy;
  }

  #evaluate(name: string, depth: number): Tensor | undefined {
    if (this.#constants.has(name)) return this.#tensorOf({ name });
    const known =
      this.#tensors.get(name) ??
      (this.#inputs.has(name) && Object.hasOwn(this.given, name) ? this.given[name] : undefined);
    const node = this.#producers.get(name);
    if (known || !node || depth === 0) return known;
    const inputs: Tensor[] = [];
    for (const input of node.inputs) {
      const tensor = this.#evaluate(input, depth - 1);
      if (!tensor) return undefined;
      inputs.push(tensor);
    }
    const infos = node.outputs.map((output) => this.#builder.info(output));
    if (!this.#spend(node.op, node.attributes, inputs, infos)) return undefined;
    const results = runReferenceNode(
      node,
      inputs,
      infos.map((info) => info.shape),
    );
    for (const [i, result] of results.entries()) this.#tensors.set(node.outputs[i], result);
    return this.#tensors.get(name);
  }

  /** The name of a value in the Graph. Adds a constant to the Graph if it is not there yet. */
  #define(value: Value): string {
    if (!this.isConstant(value)) return value.name;
    const defined = this.#defined.get(value.name) ?? this.#builder.constant(value.name, this.#tensorOf(value));
    this.#defined.set(value.name, defined);
    return defined;
  }

  #tensorOf({ name }: Pick<Value, 'name'>): Tensor {
    let tensor = this.#tensors.get(name);
    if (!tensor) {
      const decoded = this.#constants.get(name)!();
      tensor = decoded instanceof Tensor ? decoded : toTensor(decoded);
      this.#setTensor(name, tensor);
    }
    return tensor;
  }

  #setTensor(name: string, tensor: Tensor): void {
    this.#tensors.set(name, tensor);
    if (!this.#constants.has(name)) this.#constants.set(name, () => tensor);
  }

  #spend<O extends Operator>(op: O, attributes: OperatorAttributes[O], inputs: Sized, outputs: Sized): boolean {
    const shapes = (list: Sized): Shape[] => list.map(({ shape }) => shape);
    const cost = costOf(op, attributes, shapes(inputs), shapes(outputs));
    if (cost > this.budget) return false;
    this.budget -= cost;
    return true;
  }

  /** A name that no input has. ONNX's names replace these names at the end. */
  #freshName(): string {
    let name: string;
    do name = `%${this.#names++}`;
    while (this.#inputs.has(name));
    return name;
  }

  #uniqueNodeName(name: string): string {
    const uses = (this.#nodeNames.get(name) ?? 0) + 1;
    this.#nodeNames.set(name, uses);
    return uses === 1 ? name : `${name} (${uses})`;
  }
}

type Sized = readonly { readonly shape: Shape }[];

const infoOf = ({ shape, type }: Value): ValueInfo => ({ shape, dtype: typeInfo(type).dtype });

/** Counts an axis of length 0 as 1, so that it does not hide a giant axis beside it. */
function checkSize(name: string, shape: Shape): void {
  sizeOf(shape);
  const size = shape.reduce((product, d) => product * Math.max(d, 1), 1);
  if (size <= MOST_ELEMENTS) return;
  const elements = `${size} elements of shape ${text(shape)}`;
  throw new ModelFormatError(`"${name}" would have ${elements}; the most is ${MOST_ELEMENTS}`);
}
