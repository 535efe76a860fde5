import { type Shape, stridesOf } from '../tensor';
import { type Layout, roundUp, type TensorDesc } from './kernel';

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
