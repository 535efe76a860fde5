import { ModelFormatError } from '../errors';
import { fromFloat16Array, toFloat16Array } from '../float16';
import { type Shape, sizeOf, Tensor } from '../tensor';

/** The element types that files hold, and their sizes. Fovea computes in float32, int32 and bool. */
// biome-ignore format: a table to scan
export const ELEMENT_BYTES = {
  f64: 8, f32: 4, f16: 2, bf16: 2, i64: 8, u64: 8, i32: 4, u32: 4, i16: 2, u16: 2, i8: 1, u8: 1, bool: 1,
} as const;
export type ElementType = keyof typeof ELEMENT_BYTES;

/**
 * Makes a tensor of little-endian elements: floats become float32, integers int32. The bytes are copied, so that
 * they need no alignment and the file can be freed.
 *
 * @param bytes exactly as many as the shape needs
 * @param where the file and entry that errors name
 * @throws ModelFormatError for an integer that does not fit int32 and a bool that is neither 0 nor 1
 */
export function decodeElements(type: ElementType, bytes: Uint8Array, shape: Shape, where: string): Tensor {
  const { buffer } = new Uint8Array(bytes);
  switch (type) {
    case 'f64':
      return Tensor.float32(shape, Float32Array.from(new Float64Array(buffer)));
    case 'f32':
      return Tensor.float32(shape, new Float32Array(buffer));
    case 'f16':
      return Tensor.float32(shape, fromFloat16Array(new Uint16Array(buffer)));
    case 'bf16':
      // The upper half of a float32.
      return Tensor.float32(shape, new Float32Array(Uint32Array.from(new Uint16Array(buffer), (b) => b << 16).buffer));
    case 'i64':
      return Tensor.int32(shape, fittingInt32(new BigInt64Array(buffer), where));
    case 'u64':
      return Tensor.int32(shape, fittingInt32(new BigUint64Array(buffer), where));
    case 'i32':
      return Tensor.int32(shape, new Int32Array(buffer));
    case 'u32':
      return Tensor.int32(shape, fittingInt32(new Uint32Array(buffer), where));
    case 'i16':
      return Tensor.int32(shape, new Int16Array(buffer));
    case 'u16':
      return Tensor.int32(shape, new Uint16Array(buffer));
    case 'i8':
      return Tensor.int32(shape, new Int8Array(buffer));
    case 'u8':
      return Tensor.int32(shape, new Uint8Array(buffer));
    case 'bool': {
      const values = new Uint8Array(buffer);
      const wrong = values.find((value) => value > 1);
      if (wrong !== undefined) throw new ModelFormatError(`${where}: a bool must be 0 or 1, got ${wrong}`);
      return Tensor.bool(shape, values);
    }
  }
}

/** The little-endian bytes of a tensor's elements. `f16` rounds float32 to the nearest half. */
export function encodeElements(tensor: Tensor, precision: 'f32' | 'f16' = 'f32'): Uint8Array {
  const { data } = tensor;
  const stored = data instanceof Float32Array && precision === 'f16' ? toFloat16Array(data) : data;
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

/** What `encodeElements` makes of a tensor. */
export function storedType(tensor: Tensor, precision: 'f32' | 'f16' = 'f32'): 'f32' | 'f16' | 'i32' | 'bool' {
  switch (tensor.dtype) {
    case 'float32':
      return precision;
    case 'int32':
      return 'i32';
    case 'bool':
      return 'bool';
  }
}

function fittingInt32(values: Iterable<number | bigint> & { readonly length: number }, where: string): Int32Array {
  const fitting = new Int32Array(values.length);
  let i = 0;
  for (const value of values) {
    if (value < -(2 ** 31) || value >= 2 ** 31) throw new ModelFormatError(`${where}: ${value} does not fit int32`);
    fitting[i++] = Number(value);
  }
  return fitting;
}

/** Infinity when the product is beyond exact integers: no file has so many bytes. */
export function sizeInBytes(shape: Shape, type: ElementType): number {
  try {
    return sizeOf(shape) * ELEMENT_BYTES[type];
  } catch {
    return Infinity;
  }
}
