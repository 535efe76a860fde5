import { rangeInside } from '../../reference/strided';
import { makeStore } from '../epilogue';
import type { KernelFamily } from '../kernel';
import { multiplyTile, roundUp, TILE } from './multiply';
import { piecesPerPart } from './shares';

/** Multiply-adds of a part. */
const PART_SIZE = 1 << 20;
/** Pixels of the input that are packed at a time. */
const MAX_PIXELS = 128;

/**
 * Transposed convolution as a matrix product, and a scatter of what each input pixel gives each tap:
 * `columns[o, u, v][pixel] = Σ weight[c, o, u, v] · x[c][pixel]`. A part has output channels of its own, so that no two
 * parts add to the same number.
 */
export const convTranspose2d: KernelFamily<'conv-transpose2d'> = {
  fits: () => true,
  bind({ attributes }, [x, weight, bias, residual], [y]) {
    const { stride, dilation, padding, groups } = attributes;
    const [batch, channels, height, width] = x.shape;
    const [, groupChannels, kernelHeight, kernelWidth] = weight.shape;
    const [, , outHeight, outWidth] = y.shape;
    const [source, weights, out] = [x.data as Float32Array, weight.data as Float32Array, y.data as Float32Array];
    const store = makeStore(attributes, bias.data as Float32Array, residual, y);
    const [pixels, outPixels] = [height * width, outHeight * outWidth];
    const taps = kernelHeight * kernelWidth;
    const depth = channels / groups;
    const perPart = piecesPerPart(PART_SIZE, depth * taps * pixels, groupChannels);
    const partsPerGroup = Math.ceil(groupChannels / perPart);
    const block = Math.min(MAX_PIXELS, roundUp(pixels, TILE));
    const pixelsAt = roundUp(perPart * taps, TILE) * depth;
    const sumsAt = pixelsAt + block * depth;

    /** `packed[row / 4][c][row % 4]`, zeros past the last row, as those of another part would be multiplied in vain. */
    const packWeights = (packed: Float32Array, group: number, firstRow: number, rows: number): void => {
      const allRows = groupChannels * taps;
      for (let row = 0; row < roundUp(rows, TILE); row++) {
        let to = (row - (row % TILE)) * depth + (row % TILE);
        let from = group * depth * allRows + firstRow + row;
        for (let c = 0; c < depth; c++, to += TILE, from += allRows) packed[to] = row < rows ? weights[from] : 0;
      }
    };
    const packPixels = (packed: Float32Array, plane: number, first: number, count: number): void => {
      for (let p = 0; p < roundUp(count, TILE); p++) {
        let to = pixelsAt + (p - (p % TILE)) * depth + (p % TILE);
        let from = plane * pixels + first + p;
        for (let c = 0; c < depth; c++, to += TILE, from += pixels) packed[to] = p < count ? source[from] : 0;
      }
    };
    /** Adds what the pixels gave one tap to the output's plane. */
    const scatter = (
      sums: Float32Array,
      at: number,
      tap: number,
      plane: number,
      first: number,
      count: number,
    ): void => {
      const rowOffset = Math.floor(tap / kernelWidth) * dilation[0] - padding[0];
      const columnOffset = (tap % kernelWidth) * dilation[1] - padding[1];
      const [firstColumn, endColumn] = rangeInside(columnOffset, stride[1], width, outWidth);
      for (let i = Math.floor(first / width); i * width < first + count; i++) {
        const row = i * stride[0] + rowOffset;
        if (row < 0 || row >= outHeight) continue;
        const begin = Math.max(firstColumn, first - i * width);
        const end = Math.min(endColumn, first + count - i * width);
        let to = plane + row * outWidth + begin * stride[1] + columnOffset;
        let from = at + i * width + begin - first;
        for (let j = begin; j < end; j++, to += stride[1], from++) out[to] += sums[from];
      }
    };

    return {
      parts: batch * groups * partsPerGroup,
      scratchSize: sumsAt + TILE * block,
      run(part, scratch) {
        const firstChannel = (part % partsPerGroup) * perPart;
        part = Math.floor(part / partsPerGroup);
        const [g, n] = [part % groups, Math.floor(part / groups)];
        const count = Math.min(perPart, groupChannels - firstChannel);
        const rows = count * taps;
        const channel = g * groupChannels + firstChannel;
        const planes = (n * groups * groupChannels + channel) * outPixels;
        packWeights(scratch, g, firstChannel * taps, rows);
        out.fill(0, planes, planes + count * outPixels);
        for (let first = 0; first < pixels; first += block) {
          const inBlock = Math.min(block, pixels - first);
          packPixels(scratch, n * channels + g * depth, first, inBlock);
          for (let row = 0; row < rows; row += TILE) {
            for (let p = 0; p < inBlock; p += TILE) {
              multiplyTile(scratch, row * depth, scratch, pixelsAt + p * depth, depth, scratch, sumsAt + p, block);
            }
            for (let r = 0; r < Math.min(TILE, rows - row); r++) {
              const plane = planes + Math.floor((row + r) / taps) * outPixels;
              scatter(scratch, sumsAt + r * block, (row + r) % taps, plane, first, inBlock);
            }
          }
        }
        for (let c = 0; c < count; c++) {
          const plane = planes + c * outPixels;
          store.row(out, plane, outPixels, channel + c, plane, 0);
        }
      },
    };
  },
};
