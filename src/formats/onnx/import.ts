import {
  ArgumentError,
  FoveaError,
  ModelFormatError,
  type UnsupportedNode,
  UnsupportedOperatorError,
} from '../../errors';
import type { Graph } from '../../graph/graph';
import { tidyExported } from '../../graph/passes/tidy-exported';
import type { Shape, Tensor } from '../../tensor';
import { type Bodies, type Body, CONTROL_FLOW, callFunction } from './control-flow';
import { countedAxis } from './counted-axis';
import { GraphWriter, type Value } from './graph-writer';
import { NodeContext, NotReached, Unsupported } from './node-context';
import { importerOf, TAKES_SEQUENCES } from './operators';
import {
  calleeOf,
  type Dimension,
  type OnnxModel,
  type OnnxNode,
  readModel,
  type TensorProto,
  type ValueInfoProto,
} from './schema';
import { ABSENT, Missing, Scope } from './scope';
import { DEEPEST_NESTING, sortNodes } from './sort';
import { decodeTensor, type ExternalData, type Files, fileOf } from './tensors';
import { isOnnxType, type OnnxType, typeName, typeReason } from './types';
import { whyUnknown } from './unknown-operator';

export interface OnnxOptions {
  /** Shapes of graph inputs, by name, in place of what the file declares. */
  readonly shapes?: Readonly<Record<string, Shape>>;
  /** Lengths of symbolic dimensions, by name, such as `{ batch: 4 }`. The first axis is 1 by default. */
  readonly dimensions?: Readonly<Record<string, number>>;
  /**
   * Inputs whose values are known already. They set the inputs' shapes. Where an operator has to know such a value (a
   * shape to reshape to, a weight), the value becomes a constant of the Graph and is no longer an input.
   */
  readonly values?: Readonly<Record<string, Tensor>>;
  /** Files that hold the model's external data, by their names. */
  readonly files?: Files;
  /** The same by a function. */
  readonly externalData?: ExternalData;
  /**
   * Whether to simplify verbose patterns that exporters emit (transposes there and back, activations of several nodes,
   * separate padding). Default true. With false every value of the file is in the graph.
   */
  readonly tidy?: boolean;
}

/** A Graph, and what ONNX says about its inputs and outputs. */
export interface ImportedModel {
  readonly graph: Graph;
  /** ONNX element types of inputs and outputs, by name. */
  readonly types: ReadonlyMap<string, OnnxType>;
  readonly opset: number;
  readonly producer: string;
}

/**
 * Reads an ONNX file as a Graph with static shapes. Supports every version from opset 7 on, and of older opsets the
 * operators that exporters used.
 *
 * @throws ModelFormatError when the file is malformed, ArgumentError when a dimension is not known,
 * UnsupportedOperatorError with every node that Fovea cannot run
 */
export function importOnnx(bytes: Uint8Array, options: OnnxOptions = {}): Graph {
  return importOnnxModel(bytes, options).graph;
}

/** The same as {@link importOnnx}, with the file's types of inputs and outputs. */
export function importOnnxModel(bytes: Uint8Array, options: OnnxOptions = {}): ImportedModel {
  const model = readModel(bytes);
  const imported = new Import(model, bytes.length, options).run();
  return options.tidy === false ? imported : { ...imported, graph: tidyExported(imported.graph) };
}

/** The newest version of the standard operator set: later ones may give an operator another meaning. */
const NEWEST_OPSET = 28;
/** The number of steps that may be spent on constants, and how many more for each byte of the file. */
const LEAST_BUDGET = 2 ** 22;
const BUDGET_PER_BYTE = 16;
/** How many nodes loops and functions may write in addition to the file's own. */
const MOST_REPEATED_NODES = 2 ** 16;

class Import implements Bodies {
  readonly #writer: GraphWriter;
  /** Every value with its name in the file, values within branches included. */
  readonly #named: (readonly [name: string, value: Value])[] = [];
  readonly #unsupported: UnsupportedNode[] = [];
  readonly #scope: Scope;
  /** Values inside the graph whose whole shape the file declares. */
  readonly #declared: ReadonlyMap<string, { readonly shape: Shape; readonly type: OnnxType }>;
  readonly #names = new Set<string>();
  #nodesLeft: number;
  #depth = 0;

  constructor(
    private readonly model: OnnxModel,
    sizeBytes: number,
    private readonly options: OnnxOptions,
  ) {
    // A file without a version uses the first operator set.
    this.#scope = new Scope(model.opsets.get('') ?? 1);
    this.#declared = declaredValues(model.graph.valueInfo);
    this.#nodesLeft = model.graph.nodes.length + MOST_REPEATED_NODES;
    const budget = LEAST_BUDGET + BUDGET_PER_BYTE * sizeBytes;
    this.#writer = new GraphWriter(model.graph.name || 'onnx', options.values ?? {}, budget);
  }

  run(): ImportedModel {
    const { graph } = this.model;
    if (graph.sparseInitializers > 0) {
      throw new ModelFormatError(
        `ONNX model has ${graph.sparseInitializers} sparse initializers, which are not supported`,
      );
    }
    checkOptions(graph, this.options);
    const initialized = new Set(graph.initializers.map(({ name }) => name));
    const types = new Map<string, OnnxType>();
    // Up to IR version 3 initializers were listed among the inputs as well.
    for (const input of graph.inputs) {
      if (initialized.has(input.name)) continue;
      const value = this.#input(input);
      if (value) types.set(input.name, value.type);
    }
    const { opset } = this.#scope;
    if (opset > NEWEST_OPSET) {
      const reason = `it is version ${opset}, and the newest that Fovea knows is ${NEWEST_OPSET}`;
      this.#unsupported.push({ node: this.#writer.name, operator: 'operator set', reason });
    }
    const results = this.body(graph, this.#scope);
    for (const [i, { name }] of graph.outputs.entries()) {
      const reason = results[i]?.items && 'it is a sequence of tensors';
      if (reason) this.#unsupported.push({ node: name, operator: 'output', reason });
    }
    if (this.#unsupported.length > 0) throw new UnsupportedOperatorError(this.#unsupported);
    const outputs = graph.outputs.map(({ name }, i): [string, Value] => [name, results[i]!]);
    for (const [name, value] of outputs) types.set(name, value.type);
    return {
      graph: this.#writer.finish(outputs, this.#named),
      types,
      opset: this.#scope.opset,
      producer: this.model.producer,
    };
  }

  #define(scope: Scope, name: string, value: Value): void {
    scope.define(name, value);
    this.#named.push([name, value]);
  }

  #input(info: ValueInfoProto): Value | undefined {
    const { name, elementType } = info;
    if (!isOnnxType(elementType)) {
      this.#unsupported.push({ node: name, operator: 'input', reason: typeReason(elementType) });
      this.#scope.define(name, new Missing());
      return undefined;
    }
    const value = this.#writer.input(name, this.#inputShape(info), elementType);
    this.#define(this.#scope, name, value);
    return value;
  }

  #inputShape({ name, dims }: ValueInfoProto): Shape {
    const { shapes = {}, values = {}, dimensions = {} } = this.options;
    const given = ownEntry(shapes, name) ?? ownEntry(values, name)?.shape;
    if (!dims) {
      if (given) return given;
      throw new ArgumentError(`ONNX input "${name}" has no declared shape; give one in \`shapes\``);
    }
    if (given) {
      const fits = given.length === dims.length && given.every((d, i) => typeof dims[i] !== 'number' || dims[i] === d);
      if (fits) return given;
      throw new ArgumentError(`ONNX input "${name}" is declared ${text(dims)}, got [${given.join(', ')}]`);
    }
    return dims.map((dim, axis) => {
      const length =
        typeof dim === 'string'
          ? (ownEntry(dimensions, dim) ?? (axis === 0 ? 1 : undefined))
          : (dim ?? (axis === 0 ? 1 : undefined));
      if (length !== undefined && Number.isSafeInteger(length) && length >= 0) return length;
      throw new ArgumentError(
        length === undefined
          ? `ONNX input "${name}" is declared ${text(dims)}; give the length of its axis ${axis}`
          : `ONNX input "${name}" has length ${length} on axis ${axis}`,
      );
    });
  }

  #initializer(scope: Scope, proto: TensorProto): void {
    const { name, dims, dataType } = proto;
    // An unsupported type is an error only if a node reads it.
    if (!isOnnxType(dataType)) {
      scope.define(name, new Missing(`it reads "${name}" of type ${typeName(dataType)}`));
      return;
    }
    const decode = () => decodeTensor(proto, this.#externalData);
    this.#define(scope, name, this.#writer.lazyConstant(dims, dataType, decode));
  }

  get #externalData(): ExternalData | undefined {
    const { files, externalData } = this.options;
    return files ? (location) => fileOf(files, location) ?? externalData?.(location) : externalData;
  }

  body({ nodes, initializers, outputs }: Body, scope: Scope): (Value | undefined)[] {
    for (const tensor of initializers) this.#initializer(scope, tensor);
    const names = outputs.map(({ name }) => name);
    const sorted = sortNodes(nodes, names);
    for (const node of sorted.nodes) this.#node(node, scope, sorted.read);
    return names.map((name) => {
      const value = scope.find(name);
      if (value === undefined || value === ABSENT) {
        throw new ModelFormatError(`ONNX model has no node that makes its output "${name}"`);
      }
      return value instanceof Missing ? undefined : value;
    });
  }

  nested<T>(what: string, run: () => T): T {
    if (this.#depth === DEEPEST_NESTING) throw new ModelFormatError(`${what} is nested ${DEEPEST_NESTING} deep`);
    this.#depth++;
    try {
      return run();
    } finally {
      this.#depth--;
    }
  }

  known(value: Value): Tensor | undefined {
    return this.#writer.known(value);
  }

  constant(tensor: Tensor, type: OnnxType): Value {
    return this.#writer.constant(tensor, type);
  }

  stack(name: string, values: readonly Value[], axis: number): Value {
    const parts = values.map(
      (value) => this.#writer.emit(name, 'reshape', [value], { shape: value.shape.toSpliced(axis, 0, 1) })[0],
    );
    return this.#writer.emit(name, 'concat', parts, { axis })[0];
  }

  entry(name: string, value: Value, axis: number, i: number): Value {
    const starts = value.shape.map((_, k) => (k === axis ? i : 0));
    const attributes = { starts, steps: value.shape.map(() => 1), sizes: value.shape.with(axis, 1) };
    const [part] = this.#writer.emit(name, 'slice', [value], attributes);
    return this.#writer.emit(name, 'reshape', [part], { shape: value.shape.toSpliced(axis, 1) })[0];
  }

  #node(node: OnnxNode, scope: Scope, read: ReadonlySet<string>): void {
    if (this.#nodesLeft-- === 0) {
      throw new ModelFormatError(`ONNX loops and functions add more than ${MOST_REPEATED_NODES} nodes`);
    }
    const name = this.#uniqueName(node, scope);
    for (const input of node.inputs) {
      if (input === '' || scope.has(input)) continue;
      throw new ModelFormatError(`ONNX node ${node.op} "${name}" reads "${input}", and nothing makes it`);
    }
    try {
      const results = this.#importNode({ ...node, attributes: resolved(node, scope) }, name, scope, read);
      for (const [k, output] of node.outputs.entries()) {
        if (output === '') continue;
        if (results[k]) this.#define(scope, output, results[k]);
        else if (read.has(output)) throw new Unsupported(`it has no output ${k}`);
      }
    } catch (error) {
      this.#skip(node, name, scope, error);
    }
  }

  /** @throws Unsupported; NotReached when an input comes from a node that is not supported */
  #importNode(node: OnnxNode, name: string, scope: Scope, read: ReadonlySet<string>): readonly Value[] {
    const operator = importerOf(node.domain, node.op);
    const control = node.domain === '' && Object.hasOwn(CONTROL_FLOW, node.op) ? CONTROL_FLOW[node.op] : undefined;
    const called = this.model.functions.get(calleeOf({ ...node, name: node.op }));
    if (!operator && !control && !called) throw new Unsupported(whyUnknown(node));
    const operands = node.inputs.map((input) => {
      const value = scope.find(input);
      if (!(value instanceof Missing)) return value === ABSENT ? undefined : value;
      throw value.reason === undefined ? new NotReached() : new Unsupported(value.reason);
    });
    if (!operator) {
      const call = { node, name, operands, scope };
      const results = called ? callFunction(this, call, called) : control!(this, call);
      // A node inside that is not supported is reported already.
      return results.map((value) => value ?? fail(new NotReached()));
    }
    if (operands.some((value) => value?.items) && !TAKES_SEQUENCES.has(node.op)) {
      throw new Unsupported('it reads a sequence of tensors');
    }
    const context = new NodeContext(this.#writer, node, name, scope.opset, operands, read, (t) => this.#constant(t));
    const results = operator(context);
    context.refuseUnread();
    const list = isList(results) ? results : [results];
    const counted = operands.find((value) => value?.rows);
    if (!counted || list[0]?.rows) return list;
    const axis = countedAxis(context, operands, list[0]);
    if (axis === undefined) {
      const what = 'it reads rows whose number is only known after the run';
      throw new Unsupported(`${what}; leave out of the export what follows suppression or NonZero`);
    }
    return list.map((value) => context.limitRows(value, counted.rows!, axis));
  }

  /** A tensor that an attribute holds. */
  #constant(proto: TensorProto): Value {
    if (!isOnnxType(proto.dataType)) throw new Unsupported(`it holds a tensor of type ${typeName(proto.dataType)}`);
    const tensor = decodeTensor(proto, this.#externalData);
    return this.#writer.lazyConstant(tensor.shape, tensor.type, () => tensor);
  }

  /**
   * Notes an unsupported node and goes on, so that all of them are found. Its outputs become those that the importer
   * offers instead, or inputs of the shape that the file declares, if it declares one. Later errors may follow from
   * this one, so they are ignored.
   */
  #skip(node: OnnxNode, name: string, scope: Scope, error: unknown): void {
    if (error instanceof Unsupported) {
      const operator = node.domain ? `${node.domain}.${node.op}` : node.op;
      this.#unsupported.push({ node: name, operator, reason: error.message });
    } else if (!(error instanceof NotReached) && !(error instanceof FoveaError && this.#unsupported.length > 0)) {
      throw error;
    }
    const instead = error instanceof Unsupported ? error.instead : [];
    for (const [k, output] of node.outputs.entries()) {
      if (output === '' || scope.has(output)) continue;
      const declared = this.#declared.get(output);
      if (instead[k]) this.#define(scope, output, instead[k]);
      else if (declared) {
        const value = this.#writer.input(`${output} (declared ${this.#named.length})`, declared.shape, declared.type);
        this.#define(scope, output, value);
      } else scope.define(output, new Missing());
    }
  }

  /** In ONNX names of nodes are optional and may repeat. */
  #uniqueName({ op, name, outputs }: OnnxNode, { path }: Scope): string {
    const isFree = (wanted: string): boolean => wanted !== '' && !this.#names.has(path + wanted);
    const first = outputs.find((output) => output !== '') ?? '';
    const unique = path + (isFree(name) ? name : isFree(first) ? first : `${op}_${this.#names.size}`);
    this.#names.add(unique);
    return unique;
  }
}

function fail(error: Error): never {
  throw error;
}

/** A node's attributes; inside a function some are those of the function. */
function resolved({ attributes }: OnnxNode, scope: Scope): OnnxNode['attributes'] {
  if (![...attributes.values()].some(({ reference }) => reference !== '')) return attributes;
  return new Map(
    [...attributes].flatMap(([name, attribute]) => {
      const value = attribute.reference === '' ? attribute : scope.attributes.get(attribute.reference);
      return value ? [[name, value] as const] : [];
    }),
  );
}

/** @throws ArgumentError for a name that the file does not have */
function checkOptions({ inputs }: OnnxModel['graph'], { shapes, values, dimensions }: OnnxOptions): void {
  const names = inputs.map(({ name }) => name);
  const symbols = inputs.flatMap(({ dims = [] }) => dims.filter((d) => typeof d === 'string'));
  const check = (option: string, given: object | undefined, known: readonly string[], what: string): void => {
    const unknown = Object.keys(given ?? {}).find((name) => !known.includes(name));
    if (unknown === undefined) return;
    const there = known.length > 0 ? `it has ${[...new Set(known)].join(', ')}` : 'it has none';
    throw new ArgumentError(`\`${option}\` names "${unknown}", which is no ${what} of the ONNX model: ${there}`);
  };
  check('shapes', shapes, names, 'input');
  check('values', values, names, 'input');
  check('dimensions', dimensions, symbols, 'symbolic dimension');
}

function declaredValues(infos: readonly ValueInfoProto[]): Map<string, { shape: Shape; type: OnnxType }> {
  return new Map(
    infos.flatMap(({ name, elementType: type, dims }) => {
      const shape = dims?.filter((d) => typeof d === 'number' && Number.isSafeInteger(d) && d >= 0);
      if (!isOnnxType(type) || !shape || shape.length !== dims?.length) return [];
      return [[name, { shape: shape as number[], type }] as const];
    }),
  );
}

const isList = (results: Value | readonly Value[]): results is readonly Value[] => Array.isArray(results);

/** A name like `__proto__` must not find what objects inherit. */
function ownEntry<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

const text = (dims: readonly Dimension[]): string => `[${dims.map((d) => d ?? '?').join(', ')}]`;
