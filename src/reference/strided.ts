import { type Shape, stridesOf, Tensor } from '../tensor';

/**
 * The offsets of a row-major walk. Takes one list of offsets per axis, outermost first, and gives the sum of every
 * combination.
 *
 * `[[0, 10], [0, 1, 2]]` gives `0 1 2 10 11 12`. Float64, so that `-Infinity` can stand for "outside the tensor".
 */
export function walk(lists: readonly ArrayLike<number>[]): Float64Array {
  let offsets = Float64Array.of(0);
  for (const list of lists) {
    const next = new Float64Array(offsets.length * list.length);
    let at = 0;
    for (let i = 0; i < offsets.length; i++) {
      for (let j = 0; j < list.length; j++) next[at++] = offsets[i] + list[j];
    }
    offsets = next;
  }
  return offsets;
}

/** The offset of every element of `shape` in row-major order, where a step along an axis moves by its stride. */
export function stridedOffsets(shape: Shape, strides: readonly number[]): Float64Array {
  return walk(shape.map((size, axis) => Float64Array.from({ length: size }, (_, i) => i * strides[axis])));
}

/** Strides that read a tensor of shape `from` as if it were broadcast to `to`: 0 along each repeated axis. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const strides = stridesOf(from);
  const missing = to.length - from.length;
  return to.map((_, axis) => (axis < missing || from[axis - missing] === 1 ? 0 : strides[axis - missing]));
}

/** For every element of `to`, the offset of its source in `from` under broadcasting. */
export const broadcastOffsets = (from: Shape, to: Shape): Float64Array =>
  stridedOffsets(to, broadcastStrides(from, to));

/** The elements of `x` at `offsets`, as a tensor of `shape`; `fill` where an offset is outside. */
export function pick(x: Tensor, offsets: Float64Array, shape: Shape, fill = 0): Tensor {
  const y = Tensor.zeros(x.dtype, shape);
  const { data } = x;
  for (let i = 0; i < offsets.length; i++) y.data[i] = offsets[i] >= 0 ? data[offsets[i]] : fill;
  return y;
}

/** A shape seen from one axis: `x[outer][length][inner]`. */
export function aroundAxis(shape: Shape, axis: number): { outer: number; length: number; inner: number } {
  const product = (dims: Shape): number => dims.reduce((a, b) => a * b, 1);
  return { outer: product(shape.slice(0, axis)), length: shape[axis], inner: product(shape.slice(axis + 1)) };
}

/** The range of `i` in `0 … count-1` for which `i * stride + offset` lies in `0 … limit-1`, end exclusive. */
export function rangeInside(
  offset: number,
  stride: number,
  count: number,
  limit: number,
): [first: number, end: number] {
  return [Math.max(0, Math.ceil(-offset / stride)), Math.min(count, Math.ceil((limit - offset) / stride))];
}
