import { text } from '../../../operators/checks';
import { NO_EPILOGUE } from '../../../operators/epilogue';
import { sizeOf, Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { add, div, inFloat, mul, sub, zeros } from './arithmetic';
import { sampleVolume } from './sample-volume';
import { isVolume } from './volume';
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
  const attributes = {
    mode: node.choice('mode', 'linear', MODES),
    padding: node.choice('padding_mode', 'zeros', PADDINGS),
    alignCorners: node.flag('align_corners'),
  };
  if (isVolume(x)) return inFloat(node, x, (volume) => sampleVolume(node, volume, grid, attributes));
  if (x.shape.length !== 4) node.unsupported(`its input has rank ${x.shape.length}, expected 4 or 5`);
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
export const normalised = (node: NodeContext, x: Value, length: Value): Value =>
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

export const sampling: Readonly<Record<string, OperatorImporter>> = {
  GridSample: gridSample,
  AffineGrid: affineGrid,
  DeformConv: deformConv,
};
