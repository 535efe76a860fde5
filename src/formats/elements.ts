import { ModelFormatError } from '../errors';
import { fromFloat16Array, toFloat16Array } from '../float16';
import { type Shape, sizeOf, Tensor } from '../tensor';

/** The array that holds each element type of a file; f16 and bf16 as their bits. */
// biome-ignore format: a table to scan
const ARRAYS = {
  f64: Float64Array, f32: Float32Array, f16: Uint16Array, bf16: Uint16Array, i64: BigInt64Array, u64: BigUint64Array,
  i32: Int32Array, u32: Uint32Array, i16: Int16Array, u16: Uint16Array, i8: Int8Array, u8: Uint8Array, bool: Uint8Array,
} as const;
export type ElementType = keyof typeof ARRAYS;
export const ELEMENT_TYPES = Object.keys(ARRAYS);
export const elementBytes = (type: ElementType): number => ARRAYS[type].BYTES_PER_ELEMENT;

/** Little-endian elements as numbers. Copies the bytes: they may be unaligned, and the file can be freed. */
export function elementsOf(type: ElementType, bytes: Uint8Array) {
  const values = new ARRAYS[type](new Uint8Array(bytes).buffer);
  if (type === 'bf16') return fromBfloat16(values as Uint16Array);
  return type === 'f16' ? fromFloat16Array(values as Uint16Array) : values;
}

/** bfloat16 is the upper half of a float32. */
export const fromBfloat16 = (halves: ArrayLike<number>): Float32Array =>
  new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);

/**
 * Makes a tensor of little-endian elements: floats become float32, integers int32.
 *
 * @param bytes exactly as many as the shape needs
 * @param where the file and entry that errors name
 * @throws ModelFormatError for an integer that does not fit int32 and a bool that is neither 0 nor 1
 */
export function decodeElements(type: ElementType, bytes: Uint8Array, shape: Shape, where: string): Tensor {
  const values = elementsOf(type, bytes);
  if (type === 'bool') {
    const wrong = (values as Uint8Array).find((value) => value > 1);
    if (wrong !== undefined) throw new ModelFormatError(`${where}: a bool must be 0 or 1, got ${wrong}`);
    return Tensor.bool(shape, values as Uint8Array);
  }
  return isFloat(type)
    ? Tensor.float32(shape, values as ArrayLike<number>)
    : Tensor.int32(shape, fittingInt32(values, where));
}

export const isFloat = (type: ElementType): boolean => type.includes('f');

/** The little-endian bytes of a tensor's elements. `f16` rounds float32 to the nearest half. */
export function encodeElements(tensor: Tensor, precision: 'f32' | 'f16' = 'f32'): Uint8Array {
  const { data } = tensor;
  const stored = data instanceof Float32Array && precision === 'f16' ? toFloat16Array(data) : data;
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

/** The element type that `encodeElements` writes. */
export function storedType(tensor: Tensor, precision: 'f32' | 'f16' = 'f32'): 'f32' | 'f16' | 'i32' | 'bool' {
  return ({ float32: precision, int32: 'i32', bool: 'bool' } as const)[tensor.dtype];
}

function fittingInt32(values: Iterable<number | bigint> & { readonly length: number }, where: string): Int32Array {
  if (values instanceof Int32Array) return values;
  const fitting = new Int32Array(values.length);
  let i = 0;
  for (const value of values) {
    if (value < -(2 ** 31) || value >= 2 ** 31) throw new ModelFormatError(`${where}: ${value} does not fit int32`);
    fitting[i++] = Number(value);
  }
  return fitting;
}

/** Infinity when the product is beyond exact integers: no file is that large. */
export function sizeInBytes(shape: Shape, type: ElementType): number {
  try {
    return sizeOf(shape) * elementBytes(type);
  } catch {
    return Infinity;
  }
}
