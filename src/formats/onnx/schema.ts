import { ModelFormatError } from '../../errors';
import { count, type Field, int, list, type Message, message, numbers, optional, string } from './wire';

/**
 * The parts of ONNX's messages that the importer reads, under the names and field numbers of `onnx.proto3`
 * (github.com/onnx/onnx, Apache-2.0). Bytes stay views into the file.
 */

const entry = message('entry', { key: string(1), value: string(2) });
const mapOf = (entries: readonly { key: string; value: string }[]): ReadonlyMap<string, string> =>
  new Map(entries.map(({ key, value }) => [key, value]));

const TENSOR = {
  dims: numbers(1, 'int'),
  /** A number of {@link import('./types').ONNX_TYPES}. */
  dataType: int(2),
  segment: optional((): never => {
    throw new ModelFormatError('a tensor in segments, which ONNX forbids in a model');
  }, 3),
  floatData: numbers(4, 'float'),
  int32Data: numbers(5, 'int'),
  int64Data: numbers(7, 'int'),
  name: string(8),
  raw: optional((field) => field.bytes(), 9),
  doubleData: numbers(10, 'double'),
  uint64Data: numbers(11, 'uint'),
  externalData: list(13, entry),
  /** 1: the data lies in another file. */
  dataLocation: int(14),
};
const tensor = message('tensor', TENSOR);

export interface TensorProto extends Omit<Message<typeof TENSOR>, 'segment' | 'externalData' | 'dataLocation'> {
  /** `location`, `offset` and `length` of data that lies in another file. */
  readonly external?: ReadonlyMap<string, string>;
}

/** Reads one TensorProto, which is also the whole of a `.pb` test vector. @throws ModelFormatError */
export function readTensorProto(source: Uint8Array | Field): TensorProto {
  const { externalData, dataLocation, ...proto } = tensor(source);
  return { ...proto, external: dataLocation === 1 ? mapOf(externalData) : undefined };
}

const ATTRIBUTE = {
  name: string(1),
  f: optional((field) => field.float(), 2),
  i: optional((field) => field.int(), 3),
  s: optional((field) => field.string(), 4),
  t: optional(readTensorProto, 5),
  /** A sub-graph, as control flow has them: the bytes that {@link readGraph} reads. */
  graph: optional((field) => field.bytes(), 6, 11),
  floats: numbers(7, 'float'),
  ints: numbers(8, 'int'),
  strings: list(9, (field) => field.string()),
  /** In a function: the attribute of the function whose value this attribute has. */
  reference: string(21),
};
const attribute = message('attribute', ATTRIBUTE);
export type AttributeProto = Message<typeof ATTRIBUTE>;

const NODE = {
  /** '' stands for an optional input that is left out. */
  inputs: list(1, (field) => field.string()),
  outputs: list(2, (field) => field.string()),
  name: string(3),
  op: string(4),
  attributes: list(5, attribute),
  domain: string(7),
  overload: string(8),
};
const node = message('node', NODE);

export interface OnnxNode extends Omit<Message<typeof NODE>, 'attributes'> {
  readonly attributes: ReadonlyMap<string, AttributeProto>;
}

const byName = (attributes: readonly AttributeProto[]): ReadonlyMap<string, AttributeProto> =>
  new Map(attributes.map((a) => [a.name, a]));

/** The standard operator set has two names. */
const domainOf = (name: string): string => (name === 'ai.onnx' ? '' : name);

function readNode(field: Field): OnnxNode {
  const proto = node(field);
  return { ...proto, attributes: byName(proto.attributes), domain: domainOf(proto.domain) };
}

/** A length, the name of a symbolic length, or nothing known. */
export type Dimension = number | string | undefined;

export interface ValueInfoProto {
  readonly name: string;
  /** 0 when the value is no tensor. */
  readonly elementType: number;
  /** Undefined when not even the rank is declared. */
  readonly dims?: readonly Dimension[];
}

const DIMENSION = {
  value: optional((field) => field.int(), 1),
  parameter: string(2),
};
const dimension = message('dimension', DIMENSION);
const shape = message('shape', { dims: list(1, dimension) });
const tensorType = message('tensor type', { elementType: int(1), shape: optional(shape, 2) });
const type = message('type', { tensor: optional(tensorType, 1) });
const valueInfo = message('value', { name: string(1), type: optional(type, 2) });

/** Some converters write -1 for a length that is not known. */
function lengthOf({ value, parameter }: Message<typeof DIMENSION>): Dimension {
  return value === undefined || value === -1 ? parameter || undefined : value;
}

function readValueInfo(field: Field): ValueInfoProto {
  const { name, type } = valueInfo(field);
  const { elementType = 0, shape } = type?.tensor ?? {};
  return { name, elementType, dims: shape?.dims.map(lengthOf) };
}

const GRAPH = {
  nodes: list(1, readNode),
  name: string(2),
  initializers: list(5, readTensorProto),
  inputs: list(11, readValueInfo),
  outputs: list(12, readValueInfo),
  valueInfo: list(13, readValueInfo),
  /** Counted only: they are not supported. */
  sparseInitializers: count(15),
};
/** Reads a GraphProto. @throws ModelFormatError */
export const readGraph = message('graph', GRAPH);
export type OnnxGraph = Message<typeof GRAPH>;

const operatorSet = message('operator set', { domain: string(1), version: int(2) });
const definedFunction = message('function', {
  name: string(1),
  inputs: list(4, (field) => field.string()),
  outputs: list(5, (field) => field.string()),
  nodes: list(7, readNode),
  opsets: list(9, operatorSet),
  domain: string(10),
  /** Attributes that a caller may leave out, with their defaults. */
  defaults: list(11, attribute),
  overload: string(13),
});

/** A function that the file itself defines, of nodes that its caller could have written instead. */
export interface OnnxFunction {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly OnnxNode[];
  readonly opset: number | undefined;
  readonly defaults: ReadonlyMap<string, AttributeProto>;
}

/** What a node calls: functions may share a domain and a name if their overloads differ. */
export const calleeOf = ({ domain, name, overload }: { domain: string; name: string; overload: string }): string =>
  [domainOf(domain), name, overload].join(':');

const opsetsOf = (sets: readonly { domain: string; version: number }[]): ReadonlyMap<string, number> =>
  new Map(sets.map(({ domain, version }) => [domainOf(domain), version]));
const model = message('model', {
  irVersion: int(1),
  producer: string(2),
  graph: optional(readGraph, 7),
  opsets: list(8, operatorSet),
  metadata: list(14, entry),
  functions: list(25, definedFunction),
});

export interface OnnxModel {
  readonly irVersion: number;
  /** Version of each operator set, by domain; the standard one is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly producer: string;
  readonly graph: OnnxGraph;
  /** Functions that the file itself defines, by {@link calleeOf}. */
  readonly functions: ReadonlyMap<string, OnnxFunction>;
  /** What the exporter added, by its own keys. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Reads a whole `.onnx` file. @throws ModelFormatError when it is none. */
export function readModel(bytes: Uint8Array): OnnxModel {
  const { irVersion, producer, graph, opsets, metadata, functions } = model(bytes);
  if (!graph) throw new ModelFormatError(`ONNX model of ${bytes.length} bytes holds no graph`);
  return {
    irVersion,
    producer,
    graph,
    opsets: opsetsOf(opsets),
    functions: new Map(
      functions.map((f) => [calleeOf(f), { ...f, opset: opsetsOf(f.opsets).get(''), defaults: byName(f.defaults) }]),
    ),
    metadata: mapOf(metadata),
  };
}
