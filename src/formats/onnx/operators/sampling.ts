import { text } from '../../../operators/checks';
import { NO_EPILOGUE } from '../../../operators/epilogue';
import { sizeOf, Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { add, asFloat, binary, div, inFloat, mul, scalar, sub, unary, zeros, zerosAtRun } from './arithmetic';
import { paddingAttribute, pairAttribute } from './window';

/** Operators that look at a picture between its pixels, where other values say. */

const MODES = {
  nearest: 'nearest',
  linear: 'linear',
  cubic: 'cubic',
  // The names up to opset 19.
  bilinear: 'linear',
  bicubic: 'cubic',
} as const;
const PADDINGS = { zeros: 'zeros', border: 'border', reflection: 'reflection' } as const;

function gridSample(node: NodeContext): Value {
  const [x, grid] = [node.input(0), node.input(1)];
  if (x.shape.length !== 4) node.unsupported(`its input has rank ${x.shape.length}, and images have rank 4`);
  const attributes = {
    mode: node.choice('mode', 'linear', MODES),
    padding: node.choice('padding_mode', 'zeros', PADDINGS),
    alignCorners: node.flag('align_corners'),
  };
  return inFloat(node, x, (image) => node.emit('grid-sample', [image, grid], attributes));
}

/**
 * The places `θ · (x, y, 1)` for every pixel of a picture or volume; coordinates run from -1 to 1, x first.
 * Jaderberg et al. 2015, section 3.2.
 */
function affineGrid(node: NodeContext): Value {
  const theta = node.input(0);
  const [batch, , ...spatial] = node.integers(node.input(1), 'size');
  const rank = spatial.length;
  if (theta.shape.join() !== [batch, rank, rank + 1].join()) {
    node.malformed(`theta ${text(theta.shape)} does not fit size ${text([batch, ...spatial])}`);
  }
  const align = node.flag('align_corners');
  const coordinate = (i: number, length: number): number => {
    if (align) return length === 1 ? -1 : (2 * i) / (length - 1) - 1;
    return (2 * i + 1) / length - 1;
  };
  const size = sizeOf(spatial);
  const places = node.table([rank + 1, size]);
  for (let i = 0; i < size; i++) {
    let rest = i;
    for (let axis = rank - 1; axis >= 0; axis--) {
      places.data[(rank - 1 - axis) * size + i] = coordinate(rest % spatial[axis], spatial[axis]);
      rest = Math.floor(rest / spatial[axis]);
    }
    places.data[rank * size + i] = 1;
  }
  const moved = node.emit('matmul', [theta, node.constant(places)], {});
  return node.reshape(node.transpose(moved, [0, 2, 1]), [batch, ...spatial, rank]);
}

/** `x` in pixels as a coordinate from -1 to 1 whose ends are the outer edges of the picture. */
const normalised = (node: NodeContext, x: Value, length: Value): Value =>
  sub(node, div(node, add(node, mul(node, x, 2), 1), length), 1);

/**
 * Deformable convolution: each tap of the window is moved by an offset of its own, and weighed by a mask. Sampling makes
 * a picture of every tap; a pointwise convolution sums over them. Zhu et al. 2019, section 3.
 *
 * inputs: x `[N, C, H, W]`, weight `[O, C/groups, KH, KW]`, offset `[N, G·KH·KW·2, OH, OW]`, bias?, mask? `[N, G·KH·KW, OH, OW]`
 */
function deformConv(node: NodeContext): Value {
  const [x, weight, offset] = [node.input(0), node.weight(node.input(1)), node.input(2)];
  const [bias, mask] = [node.optional(3), node.optional(4)];
  if (x.shape.length !== 4) node.unsupported(`its input has rank ${x.shape.length}, and images have rank 4`);
  const [batch, channels, height, width] = x.shape;
  const [outputs, perGroup, kernelHeight, kernelWidth] = weight.shape;
  const [, offsets, high, wide] = offset.shape;
  const taps = kernelHeight * kernelWidth;
  const groups = node.int('offset_group', 1);
  if (offsets !== groups * taps * 2 || channels % groups !== 0) {
    node.malformed(`offset ${text(offset.shape)} does not fit weight ${text(weight.shape)} and offset_group ${groups}`);
  }
  const [stride, dilation] = [pairAttribute(node, 'strides', 1), pairAttribute(node, 'dilations', 1)];
  const [top, left] = paddingAttribute(node);
  // Where each tap would be without its offset: (row, column) [1, KH·KW, 2, OH, OW].
  const still = node.table([1, taps, 2, high, wide]);
  for (let i = 0; i < still.size; i++) {
    const [row, column] = [Math.floor(i / wide) % high, i % wide];
    const isColumn = Math.floor(i / (wide * high)) % 2 === 1;
    const tap = Math.floor(i / (wide * high * 2));
    still.data[i] = isColumn
      ? column * stride[1] - left + (tap % kernelWidth) * dilation[1]
      : row * stride[0] - top + Math.floor(tap / kernelWidth) * dilation[0];
  }
  const moved = add(node, node.reshape(offset, [batch * groups, taps, 2, high, wide]), node.constant(still));
  const lengths = node.constant(Tensor.float32([2, 1, 1], [height, width]));
  const places = node.transpose(normalised(node, moved, lengths), [0, 1, 3, 4, 2]);
  const flipped = { starts: [0, 0, 0, 0, 1], steps: [1, 1, 1, 1, -1], sizes: places.shape };
  const grid = node.reshape(node.emit('slice', [places], flipped), [batch * groups, taps * high, wide, 2]);
  const pictures = node.reshape(x, [batch * groups, channels / groups, height, width]);
  const sampling = { mode: 'linear', padding: 'zeros', alignCorners: false } as const;
  const sampled = node.emit('grid-sample', [pictures, grid], sampling);
  const weighed = mask ? mul(node, sampled, node.reshape(mask, [batch * groups, 1, taps * high, wide])) : sampled;
  const columns = node.reshape(weighed, [batch, channels * taps, high, wide]);
  const kernel = node.reshape(weight, [outputs, perGroup * taps, 1, 1]);
  return node.emit('conv2d', [columns, kernel, bias ? node.weight(bias) : zeros(node, [outputs])], {
    ...NO_EPILOGUE,
    stride: [1, 1],
    dilation: [1, 1],
    padding: [0, 0, 0, 0],
    groups: node.int('group', 1),
  });
}

/**
 * Regions of pictures, resampled to one size: the mean of a few samples in each bin. Pictures lie one below the other,
 * so that one sampling serves all regions. He et al. 2017, section 3.
 *
 * inputs: x `[N, C, H, W]`, regions `[R, 4]` (x1, y1, x2, y2), the picture of each region `[R]`
 */
function roiAlign(node: NodeContext): Value {
  const [x, regions, pictures] = [node.input(0), node.input(1), node.input(2)];
  const [batch, channels, height, width] = x.shape;
  const [high, wide] = [node.int('output_height', 1), node.int('output_width', 1)];
  const samples = node.int('sampling_ratio', 0);
  const count = regions.shape[0];
  const output = (): Value => zerosAtRun(node, [count, channels, high, wide]);
  if (node.choice('mode', 'avg', { avg: false, max: true })) node.unsupported('its mode is max', output());
  if (samples < 1)
    node.unsupported('its sampling_ratio is 0: how many samples a region takes follows from its size', output());
  const half =
    node.opset >= 16 &&
    node.choice('coordinate_transformation_mode', 'half_pixel', { half_pixel: true, output_half_pixel: false });
  const scaled = sub(node, mul(node, regions, node.float('spatial_scale', 1)), half ? 0.5 : 0);
  const corner = (i: number): Value =>
    node.emit('slice', [scaled], { starts: [0, i], steps: [1, 1], sizes: [count, 1] });
  /** Sampling places along one axis, `[R, bins · samples]`. */
  const along = (first: number, bins: number): Value => {
    const [start, end] = [corner(first), corner(first + 2)];
    const extent = sub(node, end, start);
    const length = half ? extent : binary(node, 'max', extent, scalar(node, 1, extent));
    const steps = node.table([1, bins * samples]);
    for (let i = 0; i < steps.size; i++) steps.data[i] = (i + 0.5) / steps.size;
    return add(node, mul(node, length, node.constant(steps)), start);
  };
  const [rows, columns] = [along(1, high), along(0, wide)];
  // A sample more than a pixel outside is 0; nearer ones see the picture's edge.
  const inside = (at: Value, length: number): Value => {
    const bound = (fn: 'less-or-equal' | 'greater-or-equal', limit: number): Value =>
      binary(node, fn, at, scalar(node, limit, at));
    const both = binary(node, 'and', bound('greater-or-equal', -1), bound('less-or-equal', length));
    return node.emit('cast', [both], { to: 'float32' }, at.type);
  };
  const clamped = (at: Value, length: number): Value => unary(node, 'clip', at, 0, length - 1);
  const first = mul(node, node.reshape(asFloat(node, pictures), [count, 1]), height);
  const lengthOf = (length: number): Value => scalar(node, length, x);
  const y = normalised(node, add(node, clamped(rows, height), first), lengthOf(batch * height));
  const across = normalised(node, clamped(columns, width), lengthOf(width));
  const [h, w] = [high * samples, wide * samples];
  const grid = node.emit(
    'concat',
    [
      node.expand(node.reshape(across, [count, 1, w, 1]), [count, h, w, 1]),
      node.expand(node.reshape(y, [count, h, 1, 1]), [count, h, w, 1]),
    ],
    { axis: 3 },
  );
  const stacked = node.reshape(node.transpose(x, [1, 0, 2, 3]), [1, channels, batch * height, width]);
  const sampling = { mode: 'linear', padding: 'border', alignCorners: false } as const;
  const sampled = node.emit('grid-sample', [stacked, node.reshape(grid, [1, count * h, w, 2])], sampling);
  const isInside = mul(
    node,
    node.reshape(inside(rows, height), [count * h, 1]),
    node.reshape(node.expand(node.reshape(inside(columns, width), [count, 1, w]), [count, h, w]), [count * h, w]),
  );
  const pooled = node.emit('average-pool2d', [mul(node, sampled, isInside)], {
    kernel: [samples, samples],
    stride: [samples, samples],
    dilation: [1, 1],
    padding: [0, 0, 0, 0],
    ceilMode: false,
    countIncludePad: false,
  });
  return node.transpose(node.reshape(pooled, [channels, count, high, wide]), [1, 0, 2, 3]);
}

export const sampling: Readonly<Record<string, OperatorImporter>> = {
  GridSample: gridSample,
  AffineGrid: affineGrid,
  DeformConv: deformConv,
  RoiAlign: roiAlign,
};
