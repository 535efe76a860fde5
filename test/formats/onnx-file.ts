import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Dimension } from '../../src/formats/onnx/schema';

/** Writes small ONNX files for tests, by the field numbers of onnx.proto3. */

type Write = (writer: BinaryWriter) => BinaryWriter;

const message =
  (field: number, write: Write): Write =>
  (w) =>
    w.tag(field, WireType.LengthDelimited).bytes(write(new BinaryWriter()).finish());

const text =
  (field: number, value: string): Write =>
  (w) =>
    w.tag(field, WireType.LengthDelimited).string(value);
const int =
  (field: number, value: number | bigint): Write =>
  (w) =>
    w.tag(field, WireType.Varint).int64(BigInt(value));
const bytes =
  (field: number, value: Uint8Array): Write =>
  (w) =>
    w.tag(field, WireType.LengthDelimited).bytes(value);
const all =
  (...writes: readonly Write[]): Write =>
  (w) =>
    writes.reduce((writer, write) => write(writer), w);

export const FLOAT = 1;
export const INT64 = 7;
export const BOOL = 9;

export interface TensorSpec {
  readonly name?: string;
  readonly type: number;
  readonly dims: readonly (number | bigint)[];
  readonly raw?: Uint8Array;
  readonly floats?: readonly number[];
  readonly int32s?: readonly number[];
  readonly int64s?: readonly (number | bigint)[];
  readonly external?: Readonly<Record<string, string>>;
}

export function tensorProto(spec: TensorSpec): Write {
  return all(
    ...spec.dims.map((d) => int(1, d)),
    int(2, spec.type),
    ...(spec.floats ?? []).map(
      (v): Write =>
        (w) =>
          w.tag(4, WireType.Bit32).float(v),
    ),
    ...(spec.int32s ?? []).map((v) => int(5, v)),
    ...(spec.int64s ?? []).map((v) => int(7, v)),
    text(8, spec.name ?? ''),
    spec.raw ? bytes(9, spec.raw) : all(),
    ...Object.entries(spec.external ?? {}).map(([key, value]) => message(13, all(text(1, key), text(2, value)))),
    spec.external ? int(14, 1) : all(),
  );
}

export const tensorFile = (spec: TensorSpec): Uint8Array => tensorProto(spec)(new BinaryWriter()).finish();

type Attribute =
  | number
  | string
  | readonly number[]
  | { readonly f: number }
  | { readonly fs: readonly number[] }
  | { readonly words: readonly string[] }
  | { readonly t: TensorSpec }
  | { readonly g: Pick<ModelSpec, 'nodes' | 'inputs' | 'outputs' | 'initializers'> }
  /** The value of an attribute of the function that the node is in; the type is that of a float or of an integer. */
  | { readonly ref: string; readonly type: 'f' | 'i' };

function attributeProto(name: string, value: Attribute): Write {
  if (typeof value === 'number') return all(text(1, name), int(3, value), int(20, 2));
  if (typeof value === 'string') return all(text(1, name), text(4, value), int(20, 3));
  if ('f' in value) return all(text(1, name), (w) => w.tag(2, WireType.Bit32).float(value.f), int(20, 1));
  if ('fs' in value) {
    return all(
      text(1, name),
      ...value.fs.map(
        (v): Write =>
          (w) =>
            w.tag(7, WireType.Bit32).float(v),
      ),
      int(20, 6),
    );
  }
  if ('words' in value) return all(text(1, name), ...value.words.map((word) => text(9, word)), int(20, 8));
  if ('t' in value) return all(text(1, name), message(5, tensorProto(value.t)), int(20, 4));
  if ('ref' in value) return all(text(1, name), text(21, value.ref), int(20, value.type === 'f' ? 1 : 2));
  if ('g' in value) return all(text(1, name), message(6, graphProto(value.g, true)), int(20, 5));
  return all(text(1, name), ...value.map((v) => int(8, v)), int(20, 7));
}

export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

function nodeProto({ op, inputs, outputs, name = '', domain = '', attributes = {} }: NodeSpec): Write {
  return all(
    ...inputs.map((input) => text(1, input)),
    ...outputs.map((output) => text(2, output)),
    text(3, name),
    text(4, op),
    ...Object.entries(attributes).map(([key, value]) => message(5, attributeProto(key, value))),
    text(7, domain),
  );
}

export interface ValueSpec {
  readonly name: string;
  readonly type?: number;
  readonly dims?: readonly Dimension[];
}

function valueInfo({ name, type = FLOAT, dims }: ValueSpec): Write {
  const dimension = (d: Dimension): Write =>
    message(1, typeof d === 'number' ? int(1, d) : d === undefined ? all() : text(2, d));
  const shape = dims ? message(2, all(...dims.map(dimension))) : all();
  return all(text(1, name), message(2, message(1, all(int(1, type), shape))));
}

export interface ModelSpec {
  readonly opset?: number;
  readonly inputs?: readonly ValueSpec[];
  readonly outputs: readonly string[];
  /** Shapes of values in between. */
  readonly declared?: readonly ValueSpec[];
  readonly initializers?: readonly TensorSpec[];
  readonly nodes: readonly NodeSpec[];
  /** What an exporter adds, by its own keys. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly functions?: readonly FunctionSpec[];
}

/** A function that the file defines itself, in its own domain. */
export interface FunctionSpec {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly NodeSpec[];
  /** Attributes that a caller has to give. */
  readonly attributes?: readonly string[];
  /** Attributes with defaults. */
  readonly defaults?: Readonly<Record<string, Attribute>>;
}

function functionProto(spec: FunctionSpec, opset: number): Write {
  const { name, domain, inputs, outputs, nodes, attributes = [], defaults = {} } = spec;
  const domains = new Set(['', ...nodes.map((node) => node.domain ?? '')]);
  return all(
    text(1, name),
    ...inputs.map((input) => text(4, input)),
    ...outputs.map((output) => text(5, output)),
    ...attributes.map((attribute) => text(6, attribute)),
    ...nodes.map((node) => message(7, nodeProto(node))),
    ...[...domains].map((used) => message(9, all(text(1, used), int(2, used === '' ? opset : 1)))),
    text(10, domain),
    ...Object.entries(defaults).map(([key, value]) => message(11, attributeProto(key, value))),
  );
}

/** @param isInner the outputs of a branch or a loop may be of any type, so that none is declared */
function graphProto(spec: ModelSpec, isInner = false): Write {
  const { inputs = [], outputs, declared = [], initializers = [], nodes } = spec;
  return all(
    ...nodes.map((node) => message(1, nodeProto(node))),
    text(2, 'test'),
    ...initializers.map((tensor) => message(5, tensorProto(tensor))),
    ...inputs.map((input) => message(11, valueInfo(input))),
    ...outputs.map((name) => message(12, isInner ? text(1, name) : valueInfo({ name }))),
    ...declared.map((value) => message(13, valueInfo(value))),
  );
}

/** The bytes of a model. Outputs are declared without a shape. */
export function onnxFile({ opset = 18, metadata = {}, functions = [], ...graph }: ModelSpec): Uint8Array {
  const domains = new Set(graph.nodes.flatMap(({ domain }) => (domain ? [domain] : [])));
  const sets = [['', opset] as const, ...[...domains].map((domain) => [domain, 1] as const)];
  const imports = sets.map(([domain, version]) => message(8, all(text(1, domain), int(2, version))));
  const entries = Object.entries(metadata).map(([key, value]) => message(14, all(text(1, key), text(2, value))));
  const defined = functions.map((spec) => message(25, functionProto(spec, opset)));
  return all(int(1, 8), ...imports, message(7, graphProto(graph)), ...entries, ...defined)(new BinaryWriter()).finish();
}
