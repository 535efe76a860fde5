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
import { GraphWriter, type Value } from './graph-writer';
import { NodeContext, NotReached, Unsupported } from './node-context';
import { importerOf } from './operators';
import {
  type Dimension,
  type OnnxModel,
  type OnnxNode,
  readGraph,
  readModel,
  type TensorProto,
  type ValueInfoProto,
} from './schema';
import { decodeTensor, type ExternalData } from './tensors';
import { isOnnxType, type OnnxType, typeName, typeReason } from './types';

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

/** The number of steps that may be spent on constants, and how many more for each byte of the file. */
const LEAST_BUDGET = 2 ** 22;
const BUDGET_PER_BYTE = 16;
const DEEPEST_BRANCH = 16;

class Import {
  readonly #writer: GraphWriter;
  readonly #values = new Map<string, Value>();
  /** Every value with its name in the file, values within branches included. */
  readonly #named: (readonly [name: string, value: Value])[] = [];
  /** Values that are missing because something is not supported, with the reason if it was not reported yet. */
  readonly #missing = new Map<string, string | undefined>();
  readonly #unsupported: UnsupportedNode[] = [];
  readonly #opset: number;
  /** How deep the branch that is being imported is nested. */
  #depth = 0;
  /** Values inside the graph whose whole shape the file declares. */
  readonly #declared: ReadonlyMap<string, { readonly shape: Shape; readonly type: OnnxType }>;

  constructor(
    private readonly model: OnnxModel,
    sizeBytes: number,
    private readonly options: OnnxOptions,
  ) {
    // A file without a version uses the first operator set.
    this.#opset = model.opsets.get('') ?? 1;
    this.#declared = declaredValues(model.graph.valueInfo);
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
    const initialized = new Set(graph.initializers.map(({ name }) => name));
    const types = new Map<string, OnnxType>();
    // Up to IR version 3 initializers were listed among the inputs as well.
    for (const input of graph.inputs) {
      if (initialized.has(input.name)) continue;
      const value = this.#input(input);
      if (value) types.set(input.name, value.type);
    }
    for (const tensor of graph.initializers) this.#initializer(tensor);
    this.#nodes(graph.nodes);
    if (this.#unsupported.length > 0) throw new UnsupportedOperatorError(this.#unsupported);
    const outputs = graph.outputs.map(({ name }) => [name, this.#output(name)] as const);
    for (const [name, value] of outputs) types.set(name, value.type);
    return {
      graph: this.#writer.finish(outputs, this.#named),
      types,
      opset: this.#opset,
      producer: this.model.producer,
    };
  }

  #define(name: string, value: Value): void {
    if (this.#values.has(name)) throw new ModelFormatError(`ONNX model defines "${name}" twice`);
    this.#values.set(name, value);
    this.#named.push([name, value]);
  }

  #input(info: ValueInfoProto): Value | undefined {
    const { name, elementType } = info;
    if (!isOnnxType(elementType)) {
      this.#unsupported.push({ node: name, operator: 'input', reason: typeReason(elementType) });
      this.#missing.set(name, undefined);
      return undefined;
    }
    const value = this.#writer.input(name, this.#inputShape(info), elementType);
    this.#define(name, value);
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

  #initializer(proto: TensorProto): void {
    const { name, dims, dataType } = proto;
    // An unsupported type is an error only if a node reads it.
    if (!isOnnxType(dataType)) {
      this.#missing.set(name, `it reads "${name}" of type ${typeName(dataType)}`);
      return;
    }
    this.#define(
      name,
      this.#writer.lazyConstant(dims, dataType, () => decodeTensor(proto, this.options.externalData)),
    );
  }

  #nodes(nodes: readonly OnnxNode[]): void {
    const names = uniqueNames(nodes);
    const later = new Set(nodes.flatMap((node) => node.outputs));
    for (const [i, node] of nodes.entries()) {
      const name = names[i];
      this.#checkInputs(node, name, later);
      try {
        const results = this.#importNode(node, name);
        for (const [k, output] of node.outputs.entries()) {
          if (output === '') continue;
          if (!results[k]) throw new Unsupported(`it has no output ${k}`);
          this.#define(output, results[k]);
        }
      } catch (error) {
        this.#skip(node, name, error);
      }
    }
  }

  #checkInputs(node: OnnxNode, name: string, later: ReadonlySet<string>): void {
    for (const input of node.inputs) {
      if (input === '' || this.#values.has(input) || this.#missing.has(input)) continue;
      const reason = later.has(input)
        ? 'before it is made: the nodes are unsorted or in a cycle'
        : 'and nothing makes it';
      throw new ModelFormatError(`ONNX node ${node.op} "${name}" reads "${input}", ${reason}`);
    }
  }

  /** @throws Unsupported; NotReached when an input comes from a node that is not supported */
  #importNode(node: OnnxNode, name: string): readonly Value[] {
    const operator = importerOf(node.domain, node.op);
    const isBranch = node.domain === '' && node.op === 'If';
    if (!operator && !isBranch) throw new Unsupported(this.#whyUnknown(node));
    const operands = node.inputs.map((input) => {
      if (!this.#missing.has(input)) return this.#values.get(input);
      const reason = this.#missing.get(input);
      throw reason === undefined ? new NotReached() : new Unsupported(reason);
    });
    if (!operator) return this.#branch(node, name, operands[0]);
    const results = operator(
      new NodeContext(this.#writer, node, name, this.#opset, operands, (t) => this.#constant(t)),
    );
    const list = isList(results) ? results : [results];
    if (operands.some((value) => value?.rows) && !list[0]?.rows) {
      throw new Unsupported('it reads rows whose number is only known after the run');
    }
    return list;
  }

  /**
   * Imports the branch that an `If` takes when its condition is known before the run. Exporters use such conditions to
   * ask about shapes.
   */
  #branch(node: OnnxNode, name: string, condition: Value | undefined): readonly Value[] {
    const known = condition && this.#writer.known(condition);
    if (!known) throw new Unsupported('its condition must be known before the network runs');
    const bytes = node.attributes.get(known.data[0] ? 'then_branch' : 'else_branch')?.graph;
    if (!bytes) throw new ModelFormatError(`If "${name}" has no such branch`);
    if (this.#depth === DEEPEST_BRANCH) throw new ModelFormatError(`If "${name}" is nested ${DEEPEST_BRANCH} deep`);
    const branch = readGraph(bytes);
    const outside = new Set([...this.#values.keys(), ...this.#missing.keys()]);
    this.#depth++;
    try {
      for (const tensor of branch.initializers) this.#initializer(tensor);
      this.#nodes(branch.nodes);
      return branch.outputs.map((output) => {
        if (this.#missing.has(output.name)) throw new NotReached();
        return this.#output(output.name);
      });
    } finally {
      this.#depth--;
      // Another branch may use the names again.
      for (const names of [this.#values, this.#missing]) {
        for (const name of names.keys()) if (!outside.has(name)) names.delete(name);
      }
    }
  }

  /** A tensor that an attribute holds. */
  #constant(proto: TensorProto): Value {
    if (!isOnnxType(proto.dataType)) throw new Unsupported(`it holds a tensor of type ${typeName(proto.dataType)}`);
    const tensor = decodeTensor(proto, this.options.externalData);
    return this.#writer.lazyConstant(tensor.shape, tensor.type, () => tensor);
  }

  /**
   * Notes an unsupported node and goes on, so that all of them are found. Its outputs become inputs of the shape that
   * the file declares, if it declares one. Later errors may follow from this one, so they are ignored.
   */
  #skip(node: OnnxNode, name: string, error: unknown): void {
    if (error instanceof Unsupported) {
      const operator = node.domain ? `${node.domain}.${node.op}` : node.op;
      this.#unsupported.push({ node: name, operator, reason: error.message });
    } else if (!(error instanceof NotReached) && !(error instanceof FoveaError && this.#unsupported.length > 0)) {
      throw error;
    }
    for (const output of node.outputs) {
      if (output === '' || this.#values.has(output)) continue;
      const declared = this.#declared.get(output);
      if (declared) this.#define(output, this.#writer.input(`${output} (declared)`, declared.shape, declared.type));
      else this.#missing.set(output, undefined);
    }
  }

  #whyUnknown({ op, domain, attributes }: OnnxNode): string {
    if (this.model.functions.has(`${domain}:${op}`)) return 'it is a function that the file defines itself';
    if (domain !== '') return `operators of "${domain}" are not part of ONNX`;
    if ([...attributes.values()].some((attribute) => attribute.graph)) return 'control flow is not supported';
    return 'the operator is not supported';
  }

  #output(name: string): Value {
    const value = this.#values.get(name);
    if (value) return value;
    throw new ModelFormatError(`ONNX model has no node that makes its output "${name}"`);
  }
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

/** In ONNX names of nodes are optional and may repeat; names of outputs are unique. */
function uniqueNames(nodes: readonly OnnxNode[]): string[] {
  const taken = new Set<string>();
  return nodes.map((node, i) => {
    const name = [node.name, node.outputs.find((o) => o !== '') ?? '', `${node.op}_${i}`].find(
      (n) => n !== '' && !taken.has(n),
    );
    const unique = name ?? `${node.op} ${i}`;
    taken.add(unique);
    return unique;
  });
}
