import type { OperatorAttributes } from '../../../operators';
import { text } from '../../../operators/checks';
import { sizeOf, Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext } from '../node-context';
import { INT32 } from '../types';
import { add, binary, cast, mul, scalar, sub, unary } from './arithmetic';

/** One voxel that a sample reads along an axis: its index, int32, and its weight; undefined stands for 1. */
interface Tap {
  readonly index: Value;
  readonly weight: Value | undefined;
}

/** Coordinates are clamped to this many voxels from 0, as `grid-sample` does over pictures. */
const FARTHEST = 2 ** 20;

/**
 * GridSample over a volume: a gather for each of the 8 or, cubic, 64 voxels around a sample, or for the nearest one.
 *
 * @param x `[N, C, D, H, W]`
 * @param grid `[N, OD, OH, OW, 3]`, with the coordinate along W first
 */
export function sampleVolume(
  node: NodeContext,
  x: Value,
  grid: Value,
  attributes: OperatorAttributes['grid-sample'],
): Value {
  const [batch, channels, ...sizes] = x.shape;
  const places = grid.shape.slice(1, 4);
  if (grid.shape.length !== 5 || grid.shape[0] !== batch || grid.shape[4] !== 3) {
    node.malformed(`grid ${text(grid.shape)} does not fit volume ${text(x.shape)}`);
  }
  const count = sizeOf(places);
  const along = sizes.map((size, axis) => {
    const column = { starts: [0, 0, 0, 0, 2 - axis], steps: [1, 1, 1, 1, 1], sizes: grid.shape.with(4, 1) };
    const coordinate = node.reshape(node.emit('slice', [grid], column), [batch, count]);
    return taps(node, coordinate, size, attributes);
  });
  // Volumes lie one behind the other, so that one gather serves the whole batch.
  const voxels = node.reshape(node.transpose(x, [1, 0, 2, 3, 4]), [channels, batch * sizeOf(sizes)]);
  const starts = Array.from({ length: batch }, (_, n) => n * sizeOf(sizes));
  const first = node.constant(Tensor.int32([batch, 1], starts), INT32);
  const [, height, width] = sizes;
  const corners = along[0].flatMap((d) =>
    along[1].flatMap((h) =>
      along[2].map((w) => {
        const row = add(node, mul(node, d.index, height), h.index);
        const at = add(node, add(node, mul(node, row, width), w.index), first);
        const read = node.emit('gather', [voxels, at], { axis: 1 });
        const weights = [d, h, w].flatMap(({ weight }) => weight ?? []);
        return weights.length === 0
          ? read
          : mul(
              node,
              read,
              weights.reduce((a, b) => mul(node, a, b)),
            );
      }),
    ),
  );
  const sum = corners.reduce((a, b) => add(node, a, b));
  return node.transpose(node.reshape(sum, [channels, batch, ...places]), [1, 0, 2, 3, 4]);
}

function taps(
  node: NodeContext,
  coordinate: Value,
  size: number,
  { mode, padding, alignCorners }: OperatorAttributes['grid-sample'],
): readonly Tap[] {
  const shifted = add(node, coordinate, 1);
  const unclamped = alignCorners
    ? mul(node, shifted, (size - 1) / 2)
    : mul(node, sub(node, mul(node, shifted, size), 1), 0.5);
  const near = unary(node, 'clip', unclamped, -FARTHEST, FARTHEST);
  // Nearest and linear pad the coordinate, cubic pads each voxel that it reads.
  if (mode === 'cubic') {
    const first = unary(node, 'floor', near);
    return cubicWeights(node, sub(node, near, first)).map((weight, i) =>
      tap(node, padded(node, add(node, first, i - 1), size, padding, alignCorners), weight, size, padding),
    );
  }
  const at = padded(node, near, size, padding, alignCorners);
  if (mode === 'nearest') return [tap(node, unary(node, 'round', at), undefined, size, padding)];
  const first = unary(node, 'floor', at);
  const share = sub(node, at, first);
  return [
    tap(node, first, sub(node, scalar(node, 1, share), share), size, padding),
    tap(node, add(node, first, 1), share, size, padding),
  ];
}

/** Keys's coefficient, as in PyTorch and ONNX Runtime. */
const CUBIC = -0.75;

/** The weights of the voxels one before a place, at it, one and two behind it, by how far it is to the next. Keys 1981. */
function cubicWeights(node: NodeContext, share: Value): readonly Value[] {
  const rest = sub(node, scalar(node, 1, share), share);
  /** `((a · s + b) · s + c) · s + d` */
  const polynomial = (s: Value, a: number, b: number, c: number, d: number): Value =>
    add(node, mul(node, add(node, mul(node, add(node, mul(node, s, a), b), s), c), s), d);
  const outer = (s: Value): Value => polynomial(s, CUBIC, -2 * CUBIC, CUBIC, 0);
  const inner = (s: Value): Value => polynomial(s, CUBIC + 2, -CUBIC - 3, 0, 1);
  return [outer(share), inner(share), inner(rest), outer(rest)];
}

/** The coordinate, in voxels, that a coordinate reads; with zero padding it may lie outside the volume. */
function padded(
  node: NodeContext,
  at: Value,
  size: number,
  padding: 'zeros' | 'border' | 'reflection',
  alignCorners: boolean,
): Value {
  if (padding === 'zeros') return at;
  if (padding === 'border') return unary(node, 'clip', at, 0, size - 1);
  const first = alignCorners ? 0 : -0.5;
  const length = alignCorners ? size - 1 : size;
  if (length === 0) return mul(node, at, 0);
  // A triangle wave: the volume continues backwards beyond its ends, then forwards again.
  const period = scalar(node, 2 * length, at);
  const distance = binary(node, 'mod', unary(node, 'abs', sub(node, at, first)), period);
  const wave = add(node, binary(node, 'min', distance, sub(node, period, distance)), first);
  return unary(node, 'clip', wave, 0, size - 1);
}

/** Outside the volume a tap reads the nearest voxel; zero padding gives it no weight. */
function tap(node: NodeContext, at: Value, weight: Value | undefined, size: number, padding: string): Tap {
  const index = cast(node, unary(node, 'clip', at, 0, size - 1), INT32);
  if (padding !== 'zeros') return { index, weight };
  const isInside = binary(
    node,
    'and',
    binary(node, 'greater-or-equal', at, scalar(node, 0, at)),
    binary(node, 'less-or-equal', at, scalar(node, size - 1, at)),
  );
  const inside = node.emit('cast', [isInside], { to: 'float32' }, at.type);
  return { index, weight: weight ? mul(node, weight, inside) : inside };
}
