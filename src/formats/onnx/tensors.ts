import { ModelFormatError } from '../../errors';
import { fromFloat16 } from '../../float16';
import { type Shape, sizeOf, Tensor } from '../../tensor';
import { readTensorProto, type TensorProto } from './schema';
import { isOnnxType, type OnnxType, typeInfo, typeName } from './types';

/** The bytes of a file that a model names for its external data, or undefined when there is no such file. */
export type ExternalData = (location: string) => Uint8Array | undefined;

/** An ONNX tensor's values as numbers; 64-bit integers beyond ±2^53 are rounded, as only sentinels are so large. */
export interface OnnxTensor {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: Shape;
  readonly data: Float32Array | Float64Array | Int32Array | Uint8Array;
}

/**
 * Reads the bytes of a `.pb` file that holds one tensor.
 *
 * @throws ModelFormatError when it is malformed, of a type that Fovea does not hold, or an integer does not fit int32
 */
export function readTensorFile(bytes: Uint8Array): { name: string; type: OnnxType; tensor: Tensor } {
  const decoded = decodeTensor(readTensorProto(bytes));
  return { name: decoded.name, type: decoded.type, tensor: toTensor(decoded) };
}

/** @throws ModelFormatError naming the tensor when its type, dimensions and data do not agree */
export function decodeTensor(proto: TensorProto, externalData?: ExternalData): OnnxTensor {
  const { name, dataType: type, dims: shape } = proto;
  const fail = (reason: string): never => {
    throw new ModelFormatError(`tensor "${name}" of type ${typeName(type)} and shape [${shape.join(', ')}]: ${reason}`);
  };
  if (!isOnnxType(type)) return fail('the type is not supported');
  if (shape.some((d) => !Number.isSafeInteger(d) || d < 0)) return fail('a dimension is not a non-negative integer');
  const size = shape.reduce((product, d) => product * d, 1);
  const raw = proto.external ? externalBytes(proto.external, externalData, fail) : proto.raw;
  if (raw) {
    const expected = size * typeInfo(type).bytes;
    if (raw.length !== expected) return fail(`${raw.length} bytes of data, expected ${expected}`);
    return { name, type, shape, data: fromBytes(raw, type) };
  }
  const list = typedList(proto, type);
  if (list.length !== size) return fail(`${list.length} values, expected ${size}`);
  return { name, type, shape, data: fromList(list, type) };
}

/** @throws ModelFormatError when an integer lies outside int32 */
export function toTensor({ name, type, shape, data }: OnnxTensor): Tensor {
  sizeOf(shape);
  switch (typeInfo(type).dtype) {
    case 'float32':
      return Tensor.float32(shape, data);
    case 'bool':
      return Tensor.bool(
        shape,
        Uint8Array.from(data, (v) => (v ? 1 : 0)),
      );
    case 'int32': {
      const outside = data.find((v) => v !== (v | 0));
      if (outside !== undefined) {
        throw new ModelFormatError(`tensor "${name}" of type ${typeName(type)} holds ${outside}, which int32 does not`);
      }
      return Tensor.int32(shape, data);
    }
  }
}

function externalBytes(
  entries: ReadonlyMap<string, string>,
  externalData: ExternalData | undefined,
  fail: (reason: string) => never,
): Uint8Array {
  const location = entries.get('location') ?? '';
  // A model must not reach outside its own folder.
  const leaves = location.startsWith('/') || /^[a-z]+:|\\/i.test(location) || location.split('/').includes('..');
  if (location === '' || leaves) return fail(`external data at "${location}", expected a file beside the model`);
  const file = externalData?.(location);
  if (!file) return fail(`its data lies in "${location}", which was not given`);
  const offset = Number(entries.get('offset') ?? 0);
  const length = Number(entries.get('length') ?? file.length - offset);
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
    return fail(`external data has offset ${offset} and length ${length}`);
  }
  if (offset + length > file.length) {
    return fail(`external data ends at ${offset + length} of "${location}", which has ${file.length} bytes`);
  }
  return file.subarray(offset, offset + length);
}

/** Little-endian bytes; a model is read on big-endian machines just as well. */
function fromBytes(raw: Uint8Array, type: OnnxType): OnnxTensor['data'] {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const { bytes } = typeInfo(type);
  const length = raw.length / bytes;
  const fill = <A extends Float32Array | Float64Array | Int32Array>(array: A, read: (at: number) => number): A => {
    for (let i = 0; i < length; i++) array[i] = read(i * bytes);
    return array;
  };
  switch (type) {
    case 1:
      return fill(new Float32Array(length), (at) => view.getFloat32(at, true));
    case 2:
      return Int32Array.from(raw);
    case 3:
      return fill(new Int32Array(length), (at) => view.getInt8(at));
    case 4:
      return fill(new Int32Array(length), (at) => view.getUint16(at, true));
    case 5:
      return fill(new Int32Array(length), (at) => view.getInt16(at, true));
    case 6:
      return fill(new Int32Array(length), (at) => view.getInt32(at, true));
    case 7:
      return fill(new Float64Array(length), (at) => view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true));
    case 9:
      return Uint8Array.from(raw);
    case 10:
      return fill(new Float32Array(length), (at) => fromFloat16(view.getUint16(at, true)));
    case 11:
      return fill(new Float64Array(length), (at) => view.getFloat64(at, true));
    case 12:
      return fill(new Float64Array(length), (at) => view.getUint32(at, true));
    case 13:
      return fill(new Float64Array(length), (at) => view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true));
    case 16:
      return Float32Array.from(bfloat16(fill(new Int32Array(length), (at) => view.getUint16(at, true))));
  }
}

/** bfloat16 is the upper half of a float32. */
const bfloat16 = (bits: Int32Array): Float32Array => new Float32Array(bits.map((b) => b << 16).buffer);

/** The typed field that holds values of `type`, by the table in `onnx.proto3`. */
function typedList(proto: TensorProto, type: OnnxType): readonly number[] {
  switch (type) {
    case 1:
      return proto.floatData;
    case 7:
      return proto.int64Data;
    case 11:
      return proto.doubleData;
    case 12:
    case 13:
      return proto.uint64Data;
    default:
      return proto.int32Data;
  }
}

function fromList(list: readonly number[], type: OnnxType): OnnxTensor['data'] {
  switch (type) {
    case 1:
      return Float32Array.from(list);
    case 9:
      return Uint8Array.from(list);
    case 10:
      return Float32Array.from(list, fromFloat16);
    case 16:
      return bfloat16(Int32Array.from(list));
    default:
      return Float64Array.from(list);
  }
}
