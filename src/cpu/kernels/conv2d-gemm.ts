import type { GraphNode } from '../../graph/graph';
import type { Tensor } from '../../tensor';
import { makeStore } from '../epilogue';
import type { Kernel, KernelFamily, NodeShapes } from '../kernel';
import { multiplyTile, packRows, roundUp, TILE } from './multiply';

/** Multiply-adds of a part: a fraction of a millisecond, so that workers finish together. */
const PART_SIZE = 1 << 20;
/** Of a block of columns: more would leave too few parts. */
const MAX_PIXELS = 128;
/** Numbers of a block of columns: they stay in a core's own cache while every row of weights passes by. */
const BLOCK_SIZE = 1 << 15;

/**
 * Convolution as a matrix product, for any window: `y = W · columns(x)`, where a column holds what one output pixel sees
 * (im2col; Chellapilla et al. 2006, "High performance convolutional neural networks for document processing"). Columns
 * are made for a few pixels at a time, so that they never leave the cache; a 1×1 convolution's are the pixels themselves.
 */
export const conv2dGemm: KernelFamily<'conv2d'> = {
  fits: () => true,
  packing(node, shapes) {
    const { rows, depth, groups } = sizesOf(node, shapes);
    const groupSize = roundUp(rows, TILE) * depth;
    return {
      size: groups * groupSize,
      pack(weight, packed) {
        for (let g = 0; g < groups; g++) packRows(weight.data, g * rows * depth, rows, depth, packed, g * groupSize);
      },
    };
  },
  bind: bindGemm,
};

/** The matrix of one group: `[rows, depth] · [depth, pixels]`. */
function sizesOf(node: GraphNode<'conv2d'>, { inputs, outputs }: NodeShapes) {
  const [outChannels, groupChannels, kernelHeight, kernelWidth] = inputs[1].shape;
  const [, , height, width] = outputs[0].shape;
  const { groups } = node.attributes;
  const taps = kernelHeight * kernelWidth;
  return {
    rows: outChannels / groups,
    depth: groupChannels * taps,
    groupChannels,
    taps,
    groups,
    pixels: height * width,
  };
}

/** The weights are packed, or as they are if they are computed or not finite. */
function bindGemm(
  node: GraphNode<'conv2d'>,
  [x, weight, bias, residual]: readonly Tensor[],
  [y]: readonly Tensor[],
  shapes: NodeShapes,
): Kernel {
  const { rows, depth, groupChannels, taps, groups, pixels } = sizesOf(node, shapes);
  const [batch, channels, height, width] = x.shape;
  const [source, weights] = [x.data as Float32Array, weight.data as Float32Array];
  const isPacked = weight.shape.length === 1;
  const store = makeStore(node.attributes, bias.data as Float32Array, residual, y);
  const mostPixels = Math.max(TILE, Math.min(MAX_PIXELS, Math.floor(BLOCK_SIZE / depth)));
  const blocks = Math.ceil(pixels / mostPixels);
  const block = roundUp(Math.ceil(pixels / blocks), TILE);
  const partRows = Math.min(roundUp(rows, TILE), Math.max(4 * TILE, roundUp(PART_SIZE / (block * depth), TILE)));
  const rowParts = Math.ceil(rows / partRows);
  const groupSize = roundUp(rows, TILE) * depth;
  const { stride, padding } = node.attributes;
  const isPointwise = taps === 1 && stride.every((v) => v === 1) && padding.every((v) => v === 0);
  const offsets = new Int32Array(isPointwise ? 0 : block * taps);

  return {
    parts: batch * groups * blocks * rowParts,
    scratchSize: block * (depth + TILE) + (isPacked ? 0 : partRows * depth),
    run(part, scratch) {
      const firstRow = (part % rowParts) * partRows;
      part = Math.floor(part / rowParts);
      const firstPixel = (part % blocks) * block;
      part = Math.floor(part / blocks);
      const count = Math.min(block, pixels - firstPixel);
      const [g, n] = [part % groups, Math.floor(part / groups)];
      const plane = (n * channels + g * groupChannels) * height * width;
      if (isPointwise) {
        packPixels(scratch, plane + firstPixel, count);
      } else {
        findTaps(node, shapes, firstPixel, count, offsets);
        packColumns(scratch, plane, count);
      }
      const endRow = Math.min(rows, firstRow + partRows);
      const sums = block * depth;
      const packedAt = block * (depth + TILE);
      if (!isPacked) {
        packRows(weights, (g * rows + firstRow) * depth, endRow - firstRow, depth, scratch, packedAt);
      }
      for (let row = firstRow; row < endRow; row += TILE) {
        const weightsAt = isPacked ? g * groupSize + row * depth : packedAt + (row - firstRow) * depth;
        for (let p = 0; p < count; p += TILE) {
          multiplyTile(isPacked ? weights : scratch, weightsAt, scratch, p * depth, depth, scratch, sums + p, block);
        }
        for (let r = 0; r < Math.min(TILE, rows - row); r++) {
          if (!isPacked && !isPointwise) leaveOutPadding(scratch, sums + r * block, weightsAt + r, count);
          const channel = g * rows + row + r;
          const plane = (n * groups * rows + channel) * pixels;
          store.row(scratch, sums + r * block, count, channel, plane, firstPixel);
        }
      }
    },
  };

  /** Sums that are NaN once more without the padding, as zero times a weight of NaN or infinity is NaN. */
  function leaveOutPadding(columns: Float32Array, at: number, weightsAt: number, count: number): void {
    for (let p = 0; p < count; p++) {
      if (!Number.isNaN(columns[at + p])) continue;
      let sum = 0;
      const from = (p - (p % TILE)) * depth + (p % TILE);
      for (let k = 0; k < depth; k++) {
        if (offsets[p * taps + (k % taps)] >= 0) sum += columns[weightsAt + k * TILE] * columns[from + k * TILE];
      }
      columns[at + p] = sum;
    }
  }

  /** The same for a 1×1 convolution, whose columns are its pixels. */
  function packPixels(columns: Float32Array, at: number, count: number): void {
    const area = height * width;
    for (let p = 0, to = 0; p < count; p += TILE) {
      for (let c = 0, from = at + p; c < depth; c++, from += area, to += TILE) {
        columns[to] = source[from];
        columns[to + 1] = source[from + 1];
        columns[to + 2] = source[from + 2];
        columns[to + 3] = source[from + 3];
      }
    }
  }

  /** `columns[p / 4][k][p % 4]`, zeros for what lies in the padding. Sums past the last pixel are never stored. */
  function packColumns(columns: Float32Array, plane: number, count: number): void {
    const area = height * width;
    for (let p = 0; p < roundUp(count, TILE); p++) {
      let to = (p - (p % TILE)) * depth + (p % TILE);
      const table = p * taps;
      for (let c = 0, at = plane; c < groupChannels; c++, at += area) {
        for (let t = 0; t < taps; t++, to += TILE) {
          const offset = offsets[table + t];
          columns[to] = offset < 0 ? 0 : source[at + offset];
        }
      }
    }
  }
}

/** `offsets[p][tap]`: where a tap of an output pixel reads within a plane of the input; -1 in the padding. */
function findTaps(
  { attributes }: GraphNode<'conv2d'>,
  { inputs, outputs }: NodeShapes,
  firstPixel: number,
  count: number,
  offsets: Int32Array,
): void {
  const [, , height, width] = inputs[0].shape;
  const [, , kernelHeight, kernelWidth] = inputs[1].shape;
  const outWidth = outputs[0].shape[3];
  const { stride, dilation, padding } = attributes;
  let at = 0;
  for (let p = firstPixel; p < firstPixel + count; p++) {
    const i = Math.floor(p / outWidth);
    const top = i * stride[0] - padding[0];
    const left = (p - i * outWidth) * stride[1] - padding[1];
    for (let u = 0; u < kernelHeight; u++) {
      const row = top + u * dilation[0];
      for (let v = 0; v < kernelWidth; v++) {
        const column = left + v * dilation[1];
        const inside = row >= 0 && row < height && column >= 0 && column < width;
        offsets[at++] = inside ? row * width + column : -1;
      }
    }
  }
}
