import { ModelFormatError } from '../../errors';
import { readMessage } from './wire';

/**
 * What of ONNX's messages the importer reads, under the names and field numbers of `onnx.proto3`
 * (github.com/onnx/onnx, Apache-2.0). Bytes stay views into the file.
 */
export interface OnnxModel {
  readonly irVersion: number;
  /** Version of each operator set, by domain; the standard one is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly producer: string;
  readonly graph: OnnxGraph;
  /** Functions that the file itself defines, as `domain:name`. */
  readonly functions: ReadonlySet<string>;
  /** What the exporter added, by its own keys. */
  readonly metadata: ReadonlyMap<string, string>;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly TensorProto[];
  readonly sparseInitializers: number;
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  readonly valueInfo: readonly ValueInfoProto[];
}

export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  /** '' stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeProto>;
}

export interface AttributeProto {
  readonly name: string;
  readonly f?: number;
  readonly i?: number;
  readonly s?: string;
  readonly t?: TensorProto;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly strings: readonly string[];
  /** A sub-graph, as control flow has them: the bytes that {@link readGraph} reads. Of several, the last. */
  readonly graph?: Uint8Array;
}

export interface TensorProto {
  readonly name: string;
  readonly dims: readonly number[];
  /** A number of {@link import('./types').ONNX_TYPES}. */
  readonly dataType: number;
  readonly raw?: Uint8Array;
  readonly floatData: readonly number[];
  readonly int32Data: readonly number[];
  readonly int64Data: readonly number[];
  readonly doubleData: readonly number[];
  readonly uint64Data: readonly number[];
  /** `location`, `offset` and `length` of data that lies in another file. */
  readonly external?: ReadonlyMap<string, string>;
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

/** Reads a whole `.onnx` file. @throws ModelFormatError when it is none. */
export function readModel(bytes: Uint8Array): OnnxModel {
  let irVersion = 0;
  let producer = '';
  let graph: OnnxGraph | undefined;
  const opsets = new Map<string, number>();
  const functions = new Set<string>();
  const metadata = new Map<string, string>();
  readMessage(bytes, 'model', {
    1: (f) => {
      irVersion = f.int();
    },
    2: (f) => {
      producer = f.string();
    },
    7: (f) => {
      graph = readGraph(f.bytes());
    },
    8: (f) => {
      let domain = '';
      let version = 0;
      readMessage(f.bytes(), 'operator set', {
        1: (g) => {
          domain = g.string();
        },
        2: (g) => {
          version = g.int();
        },
      });
      opsets.set(domain === 'ai.onnx' ? '' : domain, version);
    },
    14: (f) => {
      const [key, value] = readEntry(f.bytes(), 'metadata');
      metadata.set(key, value);
    },
    25: (f) => {
      functions.add(readFunctionName(f.bytes()));
    },
  });
  if (!graph) throw new ModelFormatError(`ONNX model of ${bytes.length} bytes holds no graph`);
  return { irVersion, opsets, producer, graph, functions, metadata };
}

function readFunctionName(bytes: Uint8Array): string {
  let name = '';
  let domain = '';
  readMessage(bytes, 'function', {
    1: (f) => {
      name = f.string();
    },
    10: (f) => {
      domain = f.string();
    },
  });
  return `${domain}:${name}`;
}

/** Reads a GraphProto. @throws ModelFormatError */
export function readGraph(bytes: Uint8Array): OnnxGraph {
  let name = '';
  let sparseInitializers = 0;
  const nodes: OnnxNode[] = [];
  const initializers: TensorProto[] = [];
  const inputs: ValueInfoProto[] = [];
  const outputs: ValueInfoProto[] = [];
  const valueInfo: ValueInfoProto[] = [];
  readMessage(bytes, 'graph', {
    1: (f) => {
      nodes.push(readNode(f.bytes()));
    },
    2: (f) => {
      name = f.string();
    },
    5: (f) => {
      initializers.push(readTensorProto(f.bytes()));
    },
    11: (f) => {
      inputs.push(readValueInfo(f.bytes()));
    },
    12: (f) => {
      outputs.push(readValueInfo(f.bytes()));
    },
    13: (f) => {
      valueInfo.push(readValueInfo(f.bytes()));
    },
    15: (f) => {
      f.skip();
      sparseInitializers++;
    },
  });
  return { name, nodes, initializers, sparseInitializers, inputs, outputs, valueInfo };
}

function readNode(bytes: Uint8Array): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, AttributeProto>();
  let name = '';
  let op = '';
  let domain = '';
  readMessage(bytes, 'node', {
    1: (f) => {
      inputs.push(f.string());
    },
    2: (f) => {
      outputs.push(f.string());
    },
    3: (f) => {
      name = f.string();
    },
    4: (f) => {
      op = f.string();
    },
    5: (f) => {
      const attribute = readAttribute(f.bytes());
      attributes.set(attribute.name, attribute);
    },
    7: (f) => {
      domain = f.string();
    },
  });
  return { name, op, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, attributes };
}

function readAttribute(bytes: Uint8Array): AttributeProto {
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  const scalar: { f?: number; i?: number; s?: string; t?: TensorProto; graph?: Uint8Array } = {};
  let name = '';
  const subgraph = (f: { bytes(): Uint8Array }): void => {
    scalar.graph = f.bytes();
  };
  readMessage(bytes, 'attribute', {
    1: (f) => {
      name = f.string();
    },
    2: (f) => {
      scalar.f = f.float();
    },
    3: (f) => {
      scalar.i = f.int();
    },
    4: (f) => {
      scalar.s = f.string();
    },
    5: (f) => {
      scalar.t = readTensorProto(f.bytes());
    },
    6: subgraph,
    7: (f) => f.each('float', floats),
    8: (f) => f.each('int', ints),
    9: (f) => {
      strings.push(f.string());
    },
    11: subgraph,
  });
  return { name, ...scalar, floats, ints, strings };
}

/** Reads one TensorProto, which is also the whole of a `.pb` test vector. @throws ModelFormatError */
export function readTensorProto(bytes: Uint8Array): TensorProto {
  const dims: number[] = [];
  const floatData: number[] = [];
  const int32Data: number[] = [];
  const int64Data: number[] = [];
  const doubleData: number[] = [];
  const uint64Data: number[] = [];
  const external = new Map<string, string>();
  let name = '';
  let dataType = 0;
  let location = 0;
  let raw: Uint8Array | undefined;
  readMessage(bytes, 'tensor', {
    1: (f) => f.each('int', dims),
    2: (f) => {
      dataType = f.int();
    },
    3: () => {
      throw new ModelFormatError('a tensor in segments, which ONNX forbids in a model');
    },
    4: (f) => f.each('float', floatData),
    5: (f) => f.each('int', int32Data),
    7: (f) => f.each('int', int64Data),
    8: (f) => {
      name = f.string();
    },
    9: (f) => {
      raw = f.bytes();
    },
    10: (f) => f.each('double', doubleData),
    11: (f) => f.each('uint', uint64Data),
    13: (f) => {
      const [key, value] = readEntry(f.bytes(), 'external data entry');
      external.set(key, value);
    },
    14: (f) => {
      location = f.int();
    },
  });
  const data = { floatData, int32Data, int64Data, doubleData, uint64Data };
  return { name, dims, dataType, raw, ...data, external: location === 1 ? external : undefined };
}

function readEntry(bytes: Uint8Array, what: string): [key: string, value: string] {
  let key = '';
  let value = '';
  readMessage(bytes, what, {
    1: (f) => {
      key = f.string();
    },
    2: (f) => {
      value = f.string();
    },
  });
  return [key, value];
}

function readValueInfo(bytes: Uint8Array): ValueInfoProto {
  let name = '';
  let elementType = 0;
  let dims: Dimension[] | undefined;
  const readShape = (shape: Uint8Array): void => {
    const list: Dimension[] = [];
    readMessage(shape, 'shape', {
      1: (f) => {
        let dim: Dimension;
        readMessage(f.bytes(), 'dimension', {
          1: (g) => {
            dim = g.int();
          },
          2: (g) => {
            dim = g.string() || undefined;
          },
        });
        list.push(dim);
      },
    });
    dims = list;
  };
  const readTensorType = (tensorType: Uint8Array): void =>
    readMessage(tensorType, 'tensor type', {
      1: (f) => {
        elementType = f.int();
      },
      2: (f) => readShape(f.bytes()),
    });
  readMessage(bytes, 'value', {
    1: (f) => {
      name = f.string();
    },
    2: (f) => readMessage(f.bytes(), 'type', { 1: (g) => readTensorType(g.bytes()) }),
  });
  return { name, elementType, dims };
}
