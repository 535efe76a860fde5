import type { DataType } from '../../tensor';
import type { ElementType } from '../elements';
import { MINIFLOATS, type Minifloat } from './minifloat';

/**
 * The ONNX element types that Fovea supports, by their number in `TensorProto.DataType`. Every float type is computed
 * in float32, and rounded where the file casts to one of 8 bits or fewer. Every integer type is held in int32, and a value beyond int32 is an error.
 */
export const ONNX_TYPES = {
  1: { name: 'float32', dtype: 'float32', element: 'f32' },
  2: { name: 'uint8', dtype: 'int32', element: 'u8', range: [0, 255] },
  3: { name: 'int8', dtype: 'int32', element: 'i8', range: [-128, 127] },
  4: { name: 'uint16', dtype: 'int32', element: 'u16', range: [0, 65535] },
  5: { name: 'int16', dtype: 'int32', element: 'i16', range: [-32768, 32767] },
  6: { name: 'int32', dtype: 'int32', element: 'i32', range: [-(2 ** 31), 2 ** 31 - 1] },
  7: { name: 'int64', dtype: 'int32', element: 'i64', range: [-(2 ** 63), 2 ** 63] },
  9: { name: 'bool', dtype: 'bool', element: 'bool' },
  10: { name: 'float16', dtype: 'float32', element: 'f16' },
  11: { name: 'float64', dtype: 'float32', element: 'f64' },
  12: { name: 'uint32', dtype: 'int32', element: 'u32', range: [0, 2 ** 32 - 1] },
  13: { name: 'uint64', dtype: 'int32', element: 'u64', range: [0, 2 ** 64] },
  16: { name: 'bfloat16', dtype: 'float32', element: 'bf16' },
  17: { name: 'float8e4m3fn', dtype: 'float32', element: 'u8', minifloat: MINIFLOATS.e4m3fn },
  18: { name: 'float8e4m3fnuz', dtype: 'float32', element: 'u8', minifloat: MINIFLOATS.e4m3fnuz },
  19: { name: 'float8e5m2', dtype: 'float32', element: 'u8', minifloat: MINIFLOATS.e5m2 },
  20: { name: 'float8e5m2fnuz', dtype: 'float32', element: 'u8', minifloat: MINIFLOATS.e5m2fnuz },
  21: { name: 'uint4', dtype: 'int32', element: 'u8', bits: 4, range: [0, 15] },
  22: { name: 'int4', dtype: 'int32', element: 'u8', bits: 4, range: [-8, 7] },
  23: { name: 'float4e2m1', dtype: 'float32', element: 'u8', bits: 4, minifloat: MINIFLOATS.e2m1 },
  24: { name: 'float8e8m0', dtype: 'float32', element: 'u8', minifloat: MINIFLOATS.e8m0 },
  25: { name: 'uint2', dtype: 'int32', element: 'u8', bits: 2, range: [0, 3] },
  26: { name: 'int2', dtype: 'int32', element: 'u8', bits: 2, range: [-2, 1] },
} as const satisfies Record<number, OnnxTypeInfo>;

interface OnnxTypeInfo {
  readonly name: string;
  readonly dtype: DataType;
  /** How a file stores it. */
  readonly element: ElementType;
  /** Of a type that a file packs into bytes, the first value in the lowest bits. */
  readonly bits?: 2 | 4;
  /** Least and greatest value of an integer type. */
  readonly range?: readonly [number, number];
  /** The format of a float type of 8 bits or fewer. */
  readonly minifloat?: Minifloat;
}

/** A number of `TensorProto.DataType` that {@link ONNX_TYPES} knows. */
export type OnnxType = keyof typeof ONNX_TYPES;

export const FLOAT = 1 satisfies OnnxType;
export const UINT8 = 2 satisfies OnnxType;
export const INT8 = 3 satisfies OnnxType;
export const INT32 = 6 satisfies OnnxType;
export const INT64 = 7 satisfies OnnxType;
export const BOOL = 9 satisfies OnnxType;

const OTHER_TYPES: Readonly<Record<number, string>> = {
  0: 'undefined',
  8: 'string',
  14: 'complex64',
  15: 'complex128',
};

export const isOnnxType = (type: number): type is OnnxType => Object.hasOwn(ONNX_TYPES, type);

export const typeInfo = (type: OnnxType): OnnxTypeInfo => ONNX_TYPES[type];

/** The name of any element type, known or not. */
export const typeName = (type: number): string =>
  isOnnxType(type) ? ONNX_TYPES[type].name : (OTHER_TYPES[type] ?? `type ${type}`);

/** Why a value of this element type is not supported; 0 means that it is not a tensor. */
export const typeReason = (type: number): string =>
  type === 0 ? 'it is not a tensor' : `its type ${typeName(type)} is not supported`;

const DEFAULTS = { float32: FLOAT, int32: INT64, bool: BOOL } as const;

/** The ONNX type of a Graph's value when the file does not give one. */
export const defaultType = (dtype: DataType): OnnxType => DEFAULTS[dtype];
