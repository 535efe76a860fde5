import { ModelFormatError } from '../../errors';
import { fromFloat16Array } from '../../float16';
import { text } from '../../operators/checks';
import { type Shape, sizeOf, Tensor } from '../../tensor';
import { elementBytes, elementsOf, fromBfloat16 } from '../elements';
import { valuesOf } from './minifloat';
import { readTensorProto, type TensorProto } from './schema';
import { INT64, isOnnxType, type OnnxType, typeInfo, typeName } from './types';

/** The bytes of a file that a model names for its external data, or undefined when there is no such file. */
export type ExternalData = (location: string) => Uint8Array | undefined;

/** Bytes of files by name. */
export type Files = Readonly<Record<string, Uint8Array | ArrayBuffer>>;

/** The file at a location, which may have a folder in front of its name. */
export function fileOf(files: Files, location: string): Uint8Array | undefined {
  const path = location.replace(/^(\.\/)+/, '');
  const name = [location, path, path.slice(path.lastIndexOf('/') + 1)].find((candidate) =>
    Object.hasOwn(files, candidate),
  );
  if (name === undefined) return undefined;
  const file = files[name];
  return file instanceof Uint8Array ? file : new Uint8Array(file);
}

/** An ONNX tensor's values as numbers. 64-bit integers beyond ±2^53 are rounded: only sentinels are so large. */
export interface OnnxTensor {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: Shape;
  readonly data: Exclude<ReturnType<typeof elementsOf>, BigInt64Array | BigUint64Array>;
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
    throw new ModelFormatError(`tensor "${name}" of type ${typeName(type)} and shape ${text(shape)}: ${reason}`);
  };
  if (!isOnnxType(type)) return fail('the type is not supported');
  if (shape.some((d) => !Number.isSafeInteger(d) || d < 0)) return fail('a dimension is not a non-negative integer');
  const size = shape.reduce((product, d) => product * d, 1);
  const raw = proto.external ? externalBytes(proto.external, externalData, fail) : proto.raw;
  if (raw) {
    const expected = storedCount(type, size) * elementBytes(typeInfo(type).element);
    if (raw.length !== expected) return fail(`${raw.length} bytes of data, expected ${expected}`);
    return { name, type, shape, data: unpacked(fromBytes(raw, type), type, size) };
  }
  const list = proto[LISTS[type] ?? 'int32Data'];
  const expected = storedCount(type, size);
  if (list.length !== expected) return fail(`${list.length} values, expected ${expected}`);
  return { name, type, shape, data: unpacked(fromList(list, type), type, size) };
}

/** How many elements of a file hold `size` values. */
const storedCount = (type: OnnxType, size: number): number => {
  const { bits } = typeInfo(type);
  return bits ? Math.ceil((size * bits) / 8) : size;
};

function unpacked(stored: OnnxTensor['data'], type: OnnxType, size: number): OnnxTensor['data'] {
  const { bits, range, minifloat } = typeInfo(type);
  const codes = bits ? unpackedBits(stored, bits, size) : stored;
  if (minifloat) {
    const values = valuesOf(minifloat);
    return Float32Array.from(codes, (code) => values[code]);
  }
  return bits && range ? Int8Array.from(codes, (code) => (code > range[1] ? code - 2 ** bits : code)) : codes;
}

function unpackedBits(stored: OnnxTensor['data'], bits: number, size: number) {
  const perByte = 8 / bits;
  return Uint8Array.from(
    { length: size },
    (_, i) => (stored[Math.floor(i / perByte)] >> (bits * (i % perByte))) & (2 ** bits - 1),
  );
}

/** Beyond this an int64 means "without bound": exporters write the least and the greatest one. */
const UNBOUNDED = 2 ** 62;

/**
 * The least and the greatest int64 become those of int32.
 *
 * @throws ModelFormatError when another integer lies outside int32
 */
export function toTensor({ name, type, shape, data: stored }: OnnxTensor): Tensor {
  sizeOf(shape);
  const isUnbounded = (v: number): boolean => Math.abs(v) >= UNBOUNDED;
  const data =
    type === INT64 && stored.some(isUnbounded)
      ? stored.map((v) => (isUnbounded(v) ? (v < 0 ? -(2 ** 31) : 2 ** 31 - 1) : v))
      : stored;
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

/** A model must not reach outside its own folder. */
export const isBesideModel = (location: string): boolean =>
  location !== '' && !location.startsWith('/') && !/^[a-z]+:|\\/i.test(location) && !location.split('/').includes('..');

function externalBytes(
  entries: ReadonlyMap<string, string>,
  externalData: ExternalData | undefined,
  fail: (reason: string) => never,
): Uint8Array {
  const location = entries.get('location') ?? '';
  if (!isBesideModel(location)) return fail(`external data at "${location}", expected a file beside the model`);
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

function fromBytes(raw: Uint8Array, type: OnnxType): OnnxTensor['data'] {
  const values = elementsOf(typeInfo(type).element, raw);
  return values instanceof BigInt64Array || values instanceof BigUint64Array
    ? Float64Array.from(values, Number)
    : values;
}

/** The typed field that holds values of a type, by the table in `onnx.proto3`; `int32_data` holds all others. */
const LISTS: { readonly [T in OnnxType]?: 'floatData' | 'int64Data' | 'doubleData' | 'uint64Data' } = {
  1: 'floatData',
  7: 'int64Data',
  11: 'doubleData',
  12: 'uint64Data',
  13: 'uint64Data',
};

function fromList(list: readonly number[], type: OnnxType): OnnxTensor['data'] {
  switch (typeInfo(type).element) {
    case 'f32':
      return Float32Array.from(list);
    case 'f16':
      return fromFloat16Array(list);
    case 'bf16':
      return fromBfloat16(list);
    case 'bool':
      return Uint8Array.from(list);
    default:
      return Float64Array.from(list);
  }
}
