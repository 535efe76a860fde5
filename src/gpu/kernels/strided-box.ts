import { ArgumentError } from '../../errors';
import { type Shape, stridesOf } from '../../tensor';
import type { TensorDesc } from '../layout';

/** Axes that the strided shaders unravel an index into. */
export const MAX_RANK = 8;

/** One number per axis, filled up in front to 8. */
export const leadingAxes = (list: readonly number[], fill: number): number[] => [
  ...new Array<number>(MAX_RANK - list.length).fill(fill),
  ...list,
];

/** Strides of a matrix's leading axes, in elements; 0 where it is repeated. */
export function batchStrides({ shape }: TensorDesc): number[] {
  const strides = stridesOf(shape).slice(0, -2);
  return leadingAxes(
    strides.map((stride, axis) => (shape[axis] === 1 ? 0 : stride)),
    0,
  );
}

/** Lanes of nhwc4 that are written though they hold no channel: the walk along `axis` goes on to `extent`. */
export interface PaddedAxis {
  readonly axis: number;
  readonly extent: number;
}

/** A walk over a box of elements in as few axes as it takes, outermost first, filled up in front to 8 axes. */
export interface StridedBox {
  readonly extents: readonly number[];
  /** For each tensor: how many elements a step along each axis goes. */
  readonly strides: readonly (readonly number[])[];
  /** Axes before this one have extent 1. */
  readonly firstAxis: number;
  readonly size: number;
  /** Elements of the innermost axis from here on are padding lanes. */
  readonly valid: number;
}

/**
 * Plans a walk over a box that several tensors share, each with strides of its own (0 along an axis that it
 * repeats). The axes come in the order in which the first tensor, the one that is written, lies in memory, so that
 * neighbouring invocations write neighbouring elements; neighbouring axes that every tensor walks as one are merged.
 *
 * @throws ArgumentError when more than 8 axes remain
 */
export function stridedBox(shape: Shape, strides: readonly (readonly number[])[], padded?: PaddedAxis): StridedBox {
  const [written] = strides;
  const order = shape.map((_, axis) => axis).filter((axis) => shape[axis] !== 1 || axis === padded?.axis);
  order.sort((a, b) => Math.abs(written[b]) - Math.abs(written[a]));
  if (padded) order.push(...order.splice(order.indexOf(padded.axis), 1));

  const merged: { extent: number; strides: number[] }[] = [];
  for (const axis of order) {
    const inner = { extent: shape[axis], strides: strides.map((list) => list[axis]) };
    const outer = merged.at(-1);
    const together =
      outer && axis !== padded?.axis && outer.strides.every((stride, t) => stride === inner.strides[t] * inner.extent);
    if (together) merged[merged.length - 1] = { extent: outer.extent * inner.extent, strides: inner.strides };
    else merged.push(inner);
  }
  const valid = merged.at(-1)?.extent ?? 1;
  if (padded) merged[merged.length - 1].extent = padded.extent;
  if (merged.length > MAX_RANK) {
    throw new ArgumentError(`[${shape.join(', ')}] takes a walk over ${merged.length} axes, more than ${MAX_RANK}`);
  }
  const extents = merged.map(({ extent }) => extent);
  return {
    extents: leadingAxes(extents, 1),
    strides: strides.map((_, t) =>
      leadingAxes(
        merged.map((axis) => axis.strides[t]),
        0,
      ),
    ),
    firstAxis: MAX_RANK - merged.length,
    size: extents.reduce((size, extent) => size * extent, 1),
    valid,
  };
}

/** The strides that read a tensor as if it were broadcast to `to`: 0 along each repeated axis. */
export function broadcastStrides({ shape, strides }: TensorDesc, to: Shape): number[] {
  const missing = to.length - shape.length;
  return to.map((_, axis) => (axis < missing || shape[axis - missing] === 1 ? 0 : strides[axis - missing]));
}
