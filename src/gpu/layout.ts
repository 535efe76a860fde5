import { type DataType, type Shape, stridesOf, type Tensor } from '../tensor';

/**
 * How a tensor lies in memory. `linear`: row-major in the order of its shape. `nhwc4`, for rank 4 only:
 * `[N, H, W, ceil(C/4)]` of four channels each; the lanes past the last channel hold zero.
 */
export type Layout = 'linear' | 'nhwc4';

/** A tensor as a kernel sees it: its logical shape (`[N, C, H, W]` for images) and where its elements are. */
export interface TensorDesc {
  readonly value: string;
  readonly shape: Shape;
  readonly dtype: DataType;
  readonly layout: Layout;
  /** The value whose memory this one is in: itself, or what it is a part or another view of. */
  readonly root: string;
  /** Where the first element lies in the root's memory, in elements. A multiple of 4, unless its readers take single values. */
  readonly offset: number;
  /**
   * One per axis of `shape`, in elements. `linear` is row-major, without gaps unless all that read it take parts of
   * rows (`readsParts`); an nhwc4 part has its root's strides.
   */
  readonly strides: readonly number[];
  /** Set when the value is known at load. */
  readonly constant?: Tensor;
  /** No node reads it, and it is no result: a kernel need not store it. */
  readonly isUnread?: boolean;
}

export const ceilDiv = (a: number, b: number): number => Math.ceil(a / b);
export const roundUp = (a: number, b: number): number => Math.ceil(a / b) * b;
/** The greatest power of two up to `most`, at least 1. */
export const powerWithin = (most: number): number => 2 ** Math.floor(Math.log2(Math.max(1, most)));
/** Groups of four channels. */
export const channelBlocks = (channels: number): number => ceilDiv(channels, 4);

/** Strides in elements, in the order of the logical shape. */
export function layoutStrides(shape: Shape, layout: Layout): number[] {
  if (layout === 'linear') return stridesOf(shape);
  const [, channels, height, width] = shape;
  const pixel = roundUp(channels, 4);
  return [height * width * pixel, 1, width * pixel, pixel];
}

/** Elements that a whole tensor takes, padding lanes included. */
export function layoutSize(shape: Shape, layout: Layout): number {
  if (layout === 'linear') return shape.reduce((size, dim) => size * dim, 1);
  const [batch, channels, height, width] = shape;
  return batch * height * width * roundUp(channels, 4);
}

/** Host data `[N, C, H, W]` to nhwc4, or as it is. */
export function toLayout<T extends Float32Array | Int32Array>(data: T, shape: Shape, layout: Layout): T {
  if (layout === 'linear') return data;
  const [batch, channels, height, width] = shape;
  const pixel = roundUp(channels, 4);
  const plane = height * width;
  const out = new (data.constructor as new (length: number) => T)(layoutSize(shape, layout));
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const from = (n * channels + c) * plane;
      for (let p = 0; p < plane; p++) out[(n * plane + p) * pixel + c] = data[from + p];
    }
  }
  return out;
}

/** Whether a tensor's elements, padding lanes included, lie without gaps in the order of its layout. */
export function isContiguous({ shape, strides, layout }: TensorDesc): boolean {
  const packed = layoutStrides(shape, layout);
  return strides.every((stride, axis) => shape[axis] === 1 || stride === packed[axis]);
}

/** Parameters `x_offset` and the like of row-major tensors, by the names that the shader has for them. */
export const offsets = (tensors: Readonly<Record<string, TensorDesc>>): Record<string, number> =>
  Object.fromEntries(Object.entries(tensors).map(([name, { offset }]) => [`${name}_offset`, offset]));

/**
 * An nhwc4 tensor as the shaders' `View`: offset, image, row and pixel stride, in vec4s.
 * A broadcast axis (size 1 where the output has more) gets stride 0 when `broadcast` names the output.
 */
export function view({ shape, offset, strides }: TensorDesc, broadcast?: TensorDesc): number[] {
  const stride = (axis: number): number =>
    broadcast && shape[axis] === 1 && broadcast.shape[axis] !== 1 ? 0 : strides[axis] / 4;
  return [offset / 4, stride(0), stride(2), stride(3)];
}
