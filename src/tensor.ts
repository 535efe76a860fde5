import { ShapeError } from './errors';

/** `int32` holds indices, `bool` holds 0 or 1; arithmetic is in `float32`. */
export type DataType = 'float32' | 'int32' | 'bool';

export type Shape = readonly number[];

/** What is known of a tensor before it has values. */
export interface ValueInfo {
  readonly shape: Shape;
  readonly dtype: DataType;
}

export interface TensorData {
  float32: Float32Array;
  int32: Int32Array;
  bool: Uint8Array;
}

/**
 * A dense row-major array in host memory. Images are `[N, C, H, W]`.
 *
 * @throws ShapeError when a dimension is not a non-negative integer or the data's length is not the shape's product.
 */
export class Tensor<D extends DataType = DataType> {
  constructor(
    readonly dtype: D,
    readonly shape: Shape,
    readonly data: TensorData[D],
  ) {
    const size = sizeOf(shape);
    if (data.length !== size) {
      throw new ShapeError(`tensor of shape [${shape.join(', ')}] needs ${size} values, got ${data.length}`);
    }
  }

  get size(): number {
    return this.data.length;
  }

  static float32(shape: Shape, data: ArrayLike<number> = new Float32Array(sizeOf(shape))): Tensor<'float32'> {
    return new Tensor('float32', shape, data instanceof Float32Array ? data : Float32Array.from(data));
  }

  static int32(shape: Shape, data: ArrayLike<number> = new Int32Array(sizeOf(shape))): Tensor<'int32'> {
    return new Tensor('int32', shape, data instanceof Int32Array ? data : Int32Array.from(data));
  }

  static bool(shape: Shape, data: ArrayLike<number> = new Uint8Array(sizeOf(shape))): Tensor<'bool'> {
    return new Tensor('bool', shape, data instanceof Uint8Array ? data : Uint8Array.from(data));
  }

  /** A zero-filled tensor of any type. */
  static zeros(dtype: DataType, shape: Shape): Tensor {
    switch (dtype) {
      case 'float32':
        return Tensor.float32(shape);
      case 'int32':
        return Tensor.int32(shape);
      case 'bool':
        return Tensor.bool(shape);
    }
  }

  /** The same data under another shape of the same size. */
  reshape(shape: Shape): Tensor<D> {
    return new Tensor(this.dtype, shape, this.data);
  }
}

/** The number of elements of a shape. @throws ShapeError for a dimension that is not a non-negative safe integer. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const dim of shape) {
    if (!Number.isSafeInteger(dim) || dim < 0) {
      throw new ShapeError(`shape [${shape.join(', ')}] has a dimension that is not a non-negative integer`);
    }
    size *= dim;
  }
  if (!Number.isSafeInteger(size)) throw new ShapeError(`shape [${shape.join(', ')}] is too large`);
  return size;
}

/** Row-major strides in elements: `[2, 3, 4]` gives `[12, 4, 1]`. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i]);

/** NumPy's broadcast of two shapes. @throws ShapeError naming both when they do not fit. */
export function broadcastShapes(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const da = a[i - rank + a.length] ?? 1;
    const db = b[i - rank + b.length] ?? 1;
    if (da !== db && da !== 1 && db !== 1) {
      throw new ShapeError(`shapes [${a.join(', ')}] and [${b.join(', ')}] do not broadcast`);
    }
    return da === 1 ? db : da;
  });
}
