import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { add, asFloat, binary, mul, scalar, sub, unary, zerosAtRun } from './arithmetic';
import { adaptiveMean } from './roi-adaptive';
import { normalised } from './sampling';

/**
 * Regions of pictures, resampled to one size: the mean or the greatest of a few samples in each bin. Pictures lie one
 * below the other, so that one sampling serves all regions. He et al. 2017, section 3.
 *
 * inputs: x `[N, C, H, W]`, regions `[R, 4]` (x1, y1, x2, y2), the picture of each region `[R]`
 */
function roiAlign(node: NodeContext): Value {
  const [x, regions, pictures] = [node.input(0), node.input(1), node.input(2)];
  const [batch, channels, height, width] = x.shape;
  const [high, wide] = [node.int('output_height', 1), node.int('output_width', 1)];
  const samples = node.int('sampling_ratio', 0);
  const count = regions.shape[0];
  const isMax = node.choice('mode', 'avg', { avg: false, max: true });
  if (samples < 1 && isMax) {
    const instead = zerosAtRun(node, [count, channels, high, wide]);
    const why = 'its sampling_ratio is 0: among how many samples it takes the greatest, only a run tells';
    node.unsupported(`${why}; export it with a sampling_ratio of 2, or with mode avg`, instead);
  }
  const half =
    node.opset >= 16 &&
    node.choice('coordinate_transformation_mode', 'half_pixel', { half_pixel: true, output_half_pixel: false });
  const scaled = sub(node, mul(node, regions, node.float('spatial_scale', 1)), half ? 0.5 : 0);
  const corner = (i: number): Value =>
    node.emit('slice', [scaled], { starts: [0, i], steps: [1, 1], sizes: [count, 1] });
  const side = (first: number): { start: Value; length: Value } => {
    const [start, end] = [corner(first), corner(first + 2)];
    const extent = sub(node, end, start);
    return { start, length: half ? extent : binary(node, 'max', extent, scalar(node, 1, extent)) };
  };
  const top = mul(node, node.reshape(asFloat(node, pictures), [count, 1]), height);
  const stacked = node.reshape(node.transpose(x, [1, 0, 2, 3]), [1, channels, batch * height, width]);
  if (samples < 1) {
    const rows = { ...side(1), top, pixels: height, stacked: batch * height, bins: high };
    return adaptiveMean(node, stacked, rows, { ...side(0), pixels: width, stacked: width, bins: wide });
  }
  /** Sampling places along one axis, `[R, bins · samples]`. */
  const along = (first: number, bins: number): Value => {
    const { start, length } = side(first);
    const steps = node.table([1, bins * samples]);
    for (let i = 0; i < steps.size; i++) steps.data[i] = (i + 0.5) / steps.size;
    return add(node, mul(node, length, node.constant(steps)), start);
  };
  const [rows, columns] = [along(1, high), along(0, wide)];
  const [h, w] = [high * samples, wide * samples];
  /** The pictures at rows `[R, h]` and columns `[R, w]` in pixels, `[1, C, R · h, w]`. */
  const sample = (mode: 'linear' | 'nearest', row: Value, column: Value): Value => {
    const y = normalised(node, add(node, row, top), scalar(node, batch * height, x));
    const across = normalised(node, column, scalar(node, width, x));
    const grid = node.emit(
      'concat',
      [
        node.expand(node.reshape(across, [count, 1, w, 1]), [count, h, w, 1]),
        node.expand(node.reshape(y, [count, h, 1, 1]), [count, h, w, 1]),
      ],
      { axis: 3 },
    );
    const attributes = { mode, padding: 'border', alignCorners: false } as const;
    return node.emit('grid-sample', [stacked, node.reshape(grid, [1, count * h, w, 2])], attributes);
  };
  /** `a · b` for each sample of a region, from its rows `[R, h]` and its columns `[R, w]`. */
  const outer = (a: Value, b: Value): Value =>
    mul(
      node,
      node.reshape(a, [count * h, 1]),
      node.reshape(node.expand(node.reshape(b, [count, 1, w]), [count, h, w]), [count * h, w]),
    );
  // Samples up to a pixel outside see the picture's edge.
  const [row, column] = [unary(node, 'clip', rows, 0, height - 1), unary(node, 'clip', columns, 0, width - 1)];
  const isInside = outer(inside(node, rows, height), inside(node, columns, width));
  const seen = isMax
    ? greatestCorner(node, ends(node, row, height), ends(node, column, width), sample, outer)
    : sample('linear', row, column);
  const weighed = mul(node, seen, isInside);
  const window = {
    kernel: [samples, samples],
    stride: [samples, samples],
    dilation: [1, 1],
    padding: [0, 0, 0, 0],
    ceilMode: false,
  } as const;
  const pooled = isMax
    ? node.emit('max-pool2d', [weighed], window)
    : node.emit('average-pool2d', [weighed], { ...window, countIncludePad: false });
  return node.transpose(node.reshape(pooled, [channels, count, high, wide]), [1, 0, 2, 3]);
}

/** 1 for a place within a pixel of the picture, 0 for one farther outside. */
function inside(node: NodeContext, at: Value, length: number): Value {
  const bound = (fn: 'less-or-equal' | 'greater-or-equal', limit: number): Value =>
    binary(node, fn, at, scalar(node, limit, at));
  const both = binary(node, 'and', bound('greater-or-equal', -1), bound('less-or-equal', length));
  return node.emit('cast', [both], { to: 'float32' }, at.type);
}

/** The two pixels around a place along one axis, with their weights. */
function ends(node: NodeContext, at: Value, length: number): readonly { at: Value; weight: Value }[] {
  const first = unary(node, 'floor', at);
  const share = sub(node, at, first);
  return [
    { at: first, weight: sub(node, scalar(node, 1, share), share) },
    { at: unary(node, 'clip', add(node, first, 1), 0, length - 1), weight: share },
  ];
}

/** The greatest of the four pixels around each sample, each times its weight: what ONNX takes instead of their sum. */
function greatestCorner(
  node: NodeContext,
  rows: ReturnType<typeof ends>,
  columns: ReturnType<typeof ends>,
  sample: (mode: 'nearest', row: Value, column: Value) => Value,
  outer: (a: Value, b: Value) => Value,
): Value {
  const corners = rows.flatMap((row) =>
    columns.map((column) => mul(node, sample('nearest', row.at, column.at), outer(row.weight, column.weight))),
  );
  return corners.reduce((a, b) => binary(node, 'max', a, b));
}

export const regions: Readonly<Record<string, OperatorImporter>> = { RoiAlign: roiAlign };
