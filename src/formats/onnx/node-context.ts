import { ModelFormatError } from '../../errors';
import type { Operator, OperatorAttributes } from '../../operators';
import { text } from '../../operators/checks';
import { type Shape, sameShape, sizeOf, Tensor } from '../../tensor';
import type { GraphWriter, Value } from './graph-writer';
import type { AttributeProto, OnnxNode, TensorProto } from './schema';
import type { OnnxTensor } from './tensors';
import { INT64, type OnnxType, typeInfo } from './types';

/** Thrown by an operator's importer for something that Fovea does not run. The import lists all of them together. */
export class Unsupported extends Error {
  /** @param instead values of the right shape, with which the import goes on to find other nodes that are refused */
  constructor(
    reason: string,
    readonly instead: readonly Value[] = [],
  ) {
    super(reason);
  }
}

/** Thrown for a node that reads the output of an unsupported node. */
export class NotReached extends Error {}

/** The most numbers of a table that an importer makes of attributes alone. */
const MOST_TABLE = 2 ** 22;

/**
 * Attributes that change no result where an importer does not ask for them: hints, what the shapes of inputs say as
 * well, and what concerns training or an output that nobody reads.
 */
// biome-ignore format: a list to scan
const HARMLESS: ReadonlySet<string> = new Set([
  'accuracy_level', 'broadcast', 'chunk_size', 'consumed_inputs', 'precision', 'softmax_precision', 'stash_type',
  'hidden_size', 'kernel_shape', 'num_outputs', 'output_sequence',
  'momentum', 'seed', 'sorted', 'storage_order',
  // Of a sequence without tensors, and of parts whose sizes are given.
  'dtype', 'keepdims',
  // `auto_pad` takes its place.
  'pads',
  // For the type float8e8m0 alone.
  'round_mode',
  // Of attention without a mask.
  'mask_filter_value',
]);

/** Whether an attribute is 0 or empty, which turns off whatever it stands for. */
const isOff = ({ i, f, s, t, graph, ints, floats, strings }: AttributeProto): boolean =>
  !i && !f && !s && !t && !graph && ints.length + floats.length + strings.length === 0;

/** How one ONNX operator becomes nodes of a Graph: the values that it returns are the ONNX node's outputs. */
export type OperatorImporter = (node: NodeContext) => Value | readonly Value[];

/** One ONNX node with its inputs resolved. An operator's importer reads from it and writes to it. */
export class NodeContext {
  readonly op: string;
  readonly #askedAttributes = new Set<string>();
  readonly #askedInputs = new Set<number>();

  constructor(
    private readonly writer: GraphWriter,
    private readonly node: OnnxNode,
    /** Unique, for errors and the Graph. */
    readonly name: string,
    /** Version of the operator set that the file was written for. */
    readonly opset: number,
    private readonly operands: readonly (Value | undefined)[],
    /** Every name that a node or an output reads. */
    private readonly read: ReadonlySet<string>,
    /** Decodes a tensor that an attribute holds. */
    private readonly decode: (proto: TensorProto) => Value,
  ) {
    this.op = node.op;
  }

  /** @throws ModelFormatError when the file leaves the input out */
  input(index: number): Value {
    const value = this.optional(index);
    if (!value) throw new ModelFormatError(`${this.op} "${this.name}": input ${index} is missing`);
    return value;
  }

  optional(index: number): Value | undefined {
    this.#askedInputs.add(index);
    return this.operands[index];
  }

  /** All inputs that are not left out. */
  get inputs(): Value[] {
    return this.operands.flatMap((_, index) => this.optional(index) ?? []);
  }

  get inputCount(): number {
    return this.operands.length;
  }

  get outputCount(): number {
    return this.node.outputs.length;
  }

  /** @throws Unsupported for an attribute or input that the importer did not ask for: ignoring it could be wrong. */
  refuseUnread(): void {
    for (const [name, attribute] of this.node.attributes) {
      if (this.#askedAttributes.has(name) || HARMLESS.has(name) || isOff(attribute)) continue;
      this.unsupported(`its attribute ${name} is not supported`);
    }
    for (const [index, operand] of this.operands.entries()) {
      if (operand && !this.#askedInputs.has(index)) this.unsupported(`its input ${index} is not supported`);
    }
  }

  /** Whether anything reads output `index`. */
  wants(index: number): boolean {
    return this.read.has(this.node.outputs[index] ?? '');
  }

  /** @param instead values that the outputs could be if the node were supported; only their shapes count */
  unsupported(reason: string, ...instead: readonly Value[]): never {
    throw new Unsupported(reason, instead);
  }

  malformed(reason: string): never {
    throw new ModelFormatError(`${this.op} "${this.name}": ${reason}`);
  }

  // Attributes. Each method throws ModelFormatError for an attribute of another kind and for NaN.

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  int(name: string, fallback: number): number {
    const value = this.#attribute(name, 'i', 'an integer') ?? fallback;
    if (!Number.isSafeInteger(value)) this.malformed(`attribute ${name} is ${value}, expected an integer within ±2^53`);
    return value;
  }

  flag(name: string, fallback = false): boolean {
    return this.int(name, fallback ? 1 : 0) !== 0;
  }

  float(name: string, fallback: number): number {
    const value = this.#attribute(name, 'f', 'a number') ?? fallback;
    if (Number.isNaN(value)) this.malformed(`attribute ${name} is NaN`);
    return value;
  }

  /** A string attribute, translated from ONNX's word by `choices`. */
  choice<T>(name: string, fallback: string, choices: Readonly<Record<string, T>>): T {
    const word = this.#attribute(name, 's', 'a string') || fallback;
    if (Object.hasOwn(choices, word)) return choices[word];
    return this.malformed(`attribute ${name} is "${word}", expected ${Object.keys(choices).join(' or ')}`);
  }

  text(name: string): string {
    return this.#attribute(name, 's', 'a string') ?? this.malformed(`attribute ${name} is missing`);
  }

  ints(name: string): readonly number[] | undefined {
    return this.#list(name, 'ints', 'integers');
  }

  floats(name: string): readonly number[] | undefined {
    return this.#list(name, 'floats', 'numbers');
  }

  words(name: string): readonly string[] | undefined {
    return this.#list(name, 'strings', 'strings');
  }

  tensor(name: string): Value | undefined {
    const proto = this.#attribute(name, 't', 'a tensor');
    return proto && this.decode(proto);
  }

  #list<K extends 'ints' | 'floats' | 'strings'>(
    name: string,
    kind: K,
    expected: string,
  ): AttributeProto[K] | undefined {
    const attribute = this.#find(name);
    const list: AttributeProto['ints' | 'floats' | 'strings'] | undefined = attribute?.[kind];
    if (attribute && list?.length === 0 && !isOff(attribute)) {
      this.malformed(`attribute ${name} is not a list of ${expected}`);
    }
    return attribute?.[kind];
  }

  #find(name: string): AttributeProto | undefined {
    this.#askedAttributes.add(name);
    return this.node.attributes.get(name);
  }

  #attribute<K extends 'i' | 'f' | 's' | 't'>(name: string, kind: K, expected: string): AttributeProto[K] {
    const attribute = this.#find(name);
    if (attribute && attribute[kind] === undefined) this.malformed(`attribute ${name} is not ${expected}`);
    return attribute?.[kind];
  }

  // Values that must be known before the network runs.

  known(value: Value): Tensor | undefined {
    return this.writer.known(value);
  }

  isConstant(value: Value): boolean {
    return this.writer.isConstant(value);
  }

  /** The value as a constant if it is known, otherwise the value itself. Weights should be constants. */
  weight(value: Value): Value {
    if (this.writer.isConstant(value)) return value;
    const tensor = this.writer.known(value);
    return tensor ? this.writer.constant(tensor, value.type) : value;
  }

  /** Integers that are an attribute before `opset` and an input since; undefined when the file leaves them out. */
  integersSince(opset: number, index: number, name: string, what = name): readonly number[] | undefined {
    const input = this.optional(index);
    return this.opset < opset || !input ? this.ints(name) : this.integers(input, what);
  }

  /** The integers of an input that shapes depend on. They may lie beyond int32. */
  integers(value: Value, what: string): number[] {
    const numbers = Array.from(this.#numbers(value, what));
    if (!numbers.every(Number.isInteger)) this.malformed(`${what} ${text(numbers)} must be integers`);
    return numbers;
  }

  numbers(value: Value, what: string): number[] {
    const numbers = Array.from(this.#numbers(value, what));
    if (numbers.some(Number.isNaN)) this.malformed(`${what} ${text(numbers)} must not be NaN`);
    return numbers;
  }

  /** @throws ModelFormatError for NaN, as {@link numbers} does */
  number(value: Value, what: string): number {
    this.numbers(value, what);
    return this.anyNumber(value, what);
  }

  /** One number, NaN included. */
  anyNumber(value: Value, what: string): number {
    const numbers = Array.from(this.#numbers(value, what));
    if (numbers.length !== 1) this.malformed(`${what} must be one number, got ${text(numbers)}`);
    return numbers[0];
  }

  #numbers(value: Value, what: string): ArrayLike<number> {
    const numbers = this.writer.knownNumbers(value);
    return numbers ?? this.unsupported(`its ${what} must be known before the network runs`);
  }

  /** An axis that may count from the end. @throws ModelFormatError when outside the rank */
  axis(axis: number, rank: number): number {
    const positive = axis < 0 ? axis + rank : axis;
    if (!(Number.isInteger(positive) && positive >= 0 && positive < rank)) {
      this.malformed(`axis ${axis} is outside rank ${rank}`);
    }
    return positive;
  }

  axes(axes: readonly number[], rank: number): number[] {
    const positive = axes.map((axis) => this.axis(axis, rank));
    if (new Set(positive).size !== positive.length) this.malformed(`axes ${text(axes)} repeat`);
    return positive;
  }

  // Writing the graph.

  /** @param type of the result; by default that of the first input with the same Graph type */
  emit<O extends Operator>(op: O, inputs: readonly Value[], attributes: OperatorAttributes[O], type?: OnnxType): Value {
    return this.writer.emit(this.name, op, inputs, attributes, type === undefined ? [] : [type])[0];
  }

  emitAll<O extends Operator>(op: O, inputs: readonly Value[], attributes: OperatorAttributes[O]): Value[] {
    return this.writer.emit(this.name, op, inputs, attributes);
  }

  constant(tensor: Tensor, type?: OnnxType): Value {
    return this.writer.constant(tensor, type);
  }

  /** A table that the importer fills, of a size that a small file cannot make giant. @throws Unsupported */
  table(shape: Shape): Tensor<'float32'> {
    if (sizeOf(shape) <= MOST_TABLE) return Tensor.float32(shape);
    return this.unsupported(`it takes a table ${text(shape)}, and the most is ${MOST_TABLE} numbers`);
  }

  /** An int64 constant, whose values may lie beyond int32 as long as no node computes with them. */
  integerConstant(shape: Shape, values: readonly number[]): Value {
    const tensor: OnnxTensor = { name: this.name, type: INT64, shape, data: Float64Array.from(values) };
    return this.writer.lazyConstant(shape, INT64, () => tensor);
  }

  /** Says that of a value's rows along an axis only as many count as `rows` holds after the run. */
  limitRows(value: Value, rows: Value, rowAxis = 0): Value {
    this.writer.limitRows(value, rows, rowAxis);
    return { ...value, rows, rowAxis };
  }

  isFloat(value: Value): boolean {
    return typeInfo(value.type).dtype === 'float32';
  }

  reshape(value: Value, shape: Shape): Value {
    return sameShape(shape, value.shape) ? value : this.emit('reshape', [value], { shape });
  }

  expand(value: Value, shape: Shape): Value {
    return sameShape(shape, value.shape) ? value : this.emit('expand', [value], { shape });
  }

  transpose(value: Value, permutation: readonly number[]): Value {
    const same = permutation.every((axis, i) => axis === i);
    return same ? value : this.emit('transpose', [value], { permutation });
  }
}
