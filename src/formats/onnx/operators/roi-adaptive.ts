import type { Value } from '../graph-writer';
import type { NodeContext } from '../node-context';
import { add, asFloat, binary, div, mul, scalar, sub, unary } from './arithmetic';

/** More samples of a bin than any pixel can see: two or more in a bin lie over half a pixel apart, and a pixel sees two wide. */
const MOST_SEEN = 6;
/** Bins smaller than this, in pixels, have one sample in any case. */
const LEAST_STEP = 1e-6;

/** One side of the regions, all in pixels of the pictures. */
export interface Side {
  /** `[R, 1]` */
  readonly start: Value;
  readonly length: Value;
  /** `[R, 1]`: where the region's picture begins among those that lie one below the other. */
  readonly top?: Value;
  /** Of a picture, and of all that lie one below the other. */
  readonly pixels: number;
  readonly stacked: number;
  readonly bins: number;
}

/**
 * The mean of samples as RoiAlign takes them with a `sampling_ratio` of 0, one for each pixel that a bin has, rounded up. How
 * many these are only the run tells; but a mean of bilinear samples on a lattice is a product of two matrices, and each
 * of their elements needs the few samples alone that lie within one pixel of it.
 *
 * @param stacked `[1, C, N · H, W]` @returns `[R, C, h, w]`
 */
export function adaptiveMean(node: NodeContext, stacked: Value, rows: Side, columns: Side): Value {
  const [, channels, high, width] = stacked.shape;
  const [count] = rows.start.shape;
  const down = node.reshape(shares(node, rows), [1, count * rows.bins, high]);
  const across = node.transpose(shares(node, columns), [0, 2, 1]);
  const picture = node.reshape(stacked, [channels, high, width]);
  const strips = node.emit('matmul', [down, picture], {});
  const product = node.emit(
    'matmul',
    [node.reshape(strips, [channels, count, rows.bins, width]), node.reshape(across, [1, count, width, columns.bins])],
    {},
  );
  return node.transpose(product, [1, 0, 2, 3]);
}

/** How much each pixel of an axis counts in each bin, `[R, bins, pixels]`. */
function shares(node: NodeContext, { start, length, top, pixels, stacked, bins }: Side): Value {
  const [count] = start.shape;
  const places = (size: number, axis: number): Value => {
    const table = node.table([1, 1, 1, 1].with(axis, size));
    table.data.set(Array.from({ length: size }, (_, i) => i));
    return node.constant(table);
  };
  const each = (value: Value): Value => node.reshape(value, [count, 1, 1, 1]);
  const bin = div(node, each(length), bins);
  const samples = unary(node, 'ceil', bin);
  const step = binary(node, 'max', div(node, bin, atLeast(node, samples, 1)), scalar(node, LEAST_STEP, bin));
  const begin = add(node, mul(node, places(bins, 1), bin), each(start));
  const own = places(stacked, 2);
  const pixel = top ? sub(node, own, each(top)) : own;
  // The first sample that may lie within a pixel of this one.
  const before = sub(node, div(node, sub(node, sub(node, pixel, 1), begin), step), 0.5);
  const first = atLeast(node, unary(node, 'floor', before), 0);
  const sample = add(node, first, places(MOST_SEEN, 3));
  const at = add(node, mul(node, add(node, sample, 0.5), step), begin);
  // Samples up to a pixel outside see the picture's edge.
  const seen = unary(node, 'clip', at, 0, pixels - 1);
  const distance = unary(node, 'abs', sub(node, seen, pixel));
  const share = atLeast(node, sub(node, scalar(node, 1, distance), distance), 0);
  const counts = [
    binary(node, 'less', sample, samples),
    binary(node, 'greater-or-equal', at, scalar(node, -1, at)),
    binary(node, 'less-or-equal', at, scalar(node, pixels, at)),
  ].reduce((a, b) => binary(node, 'and', a, b));
  const counted = node.emit('where', [counts, share, scalar(node, 0, share)], {});
  const sum = node.emit('reduce', [counted], { fn: 'sum', axes: [3], keepDims: false });
  return div(node, sum, node.reshape(atLeast(node, samples, 1), [count, 1, 1]));
}

const atLeast = (node: NodeContext, x: Value, least: number): Value =>
  binary(node, 'max', x, scalar(node, least, asFloat(node, x)));
