import type { Tensor } from '../../tensor';
import { makeStore } from '../epilogue';
import type { Kernel, KernelFamily } from '../kernel';
import { multiplyTile, roundUp, TILE } from './multiply';
import { OUTPUT, POINTS, readPatch, transformFilter, transformPatch, transformSums } from './winograd';

/** With fewer the definition is fast enough, and keeps infinities to the pixels that see them. */
const MIN_CHANNELS = 12;
/** What the transforms of a tile cost, in multiply-adds: of one channel of the input, and of one of the output. */
const INPUT_COST = 140;
const OUTPUT_COST = 120;
/** Numbers of the transformed patches of a block of tiles: they stay in a core's second cache. */
const BLOCK_SIZE = 1 << 17;
/** Multiply-adds of a part: a fraction of a millisecond, so that workers finish together. */
const PART_SIZE = 1 << 20;
/** Of a part: with few channels, the transforms are most of its work. */
const MAX_TILES = 64;
/** Fewer rows would have the patches transformed too often. */
const MIN_ROWS = 32;

/**
 * 3×3 convolution with stride 1 by {@link ./winograd}: for each of the 36 points a matrix product over the channels,
 * `sums[p] = filters[p] · patches[p]`. A part transforms a block of tiles and multiplies it by its rows of filters, so
 * that nothing between the input and the output leaves the cache. An infinity becomes NaN in all of its tile.
 */
export const conv2dWinograd: KernelFamily<'conv2d'> = {
  fits({ attributes: { stride, dilation, groups } }, { inputs: [, weight], outputs: [y] }, isConstant) {
    const [outChannels, channels, kernelHeight, kernelWidth] = weight.shape;
    const [, , height, width] = y.shape;
    const isPlain = [...stride, ...dilation, groups].every((v) => v === 1) && kernelHeight === 3 && kernelWidth === 3;
    if (!isConstant || !isPlain || Math.min(channels, outChannels) < MIN_CHANNELS) return false;
    const tiles = roundUp(Math.ceil(height / OUTPUT) * Math.ceil(width / OUTPUT), TILE);
    const products = channels * roundUp(outChannels, TILE);
    const direct = 9 * products * roundUp(height * width, TILE);
    return tiles * (POINTS * products + INPUT_COST * channels + OUTPUT_COST * outChannels) < direct;
  },
  packing(_, { inputs: [, weight] }) {
    const [rows, depth] = weight.shape;
    return {
      size: roundUp(rows, TILE) * depth * POINTS,
      pack: (tensor, packed) => packFilters(tensor, rows, depth, packed),
    };
  },
  bind({ attributes }, [x, packed, bias, residual], [y]) {
    const [batch, depth, height, width] = x.shape;
    const [, rows, outHeight, outWidth] = y.shape;
    const [top, left] = attributes.padding;
    const [source, filters] = [x.data as Float32Array, packed.data as Float32Array];
    const store = makeStore(attributes, bias.data as Float32Array, residual, y);
    const across = Math.ceil(outWidth / OUTPUT);
    const tiles = across * Math.ceil(outHeight / OUTPUT);
    const { block, partRows } = divide(tiles, rows, depth);
    const blocks = Math.ceil(tiles / block);
    const rowParts = Math.ceil(rows / partRows);
    const patch = new Float64Array(POINTS);
    // [36][tile block][channel][4], then [36][4 rows][tiles], then a tile of the output.
    const sumsAt = POINTS * depth * block;
    const tileAt = sumsAt + POINTS * TILE * block;

    const transformBlock = (scratch: Float32Array, n: number, first: number, count: number): void => {
      for (let t = 0; t < count; t++) {
        const i = Math.floor((first + t) / across);
        const j = first + t - i * across;
        const to = (t - (t % TILE)) * depth + (t % TILE);
        for (let c = 0; c < depth; c++) {
          const plane = (n * depth + c) * height * width;
          readPatch(source, plane, height, width, i * OUTPUT - top, j * OUTPUT - left, patch);
          transformPatch(patch, scratch, to + c * TILE, depth * block);
        }
      }
    };
    const multiply = (scratch: Float32Array, row: number, count: number): void => {
      for (let p = 0; p < POINTS; p++) {
        const filtersAt = (row * POINTS + p * TILE) * depth;
        for (let t = 0; t < count; t += TILE) {
          const patchesAt = (p * block + t) * depth;
          multiplyTile(filters, filtersAt, scratch, patchesAt, depth, scratch, sumsAt + p * TILE * block + t, block);
        }
      }
    };
    const storeRow = (scratch: Float32Array, r: number, n: number, channel: number, first: number, count: number) => {
      const plane = (n * rows + channel) * outHeight * outWidth;
      for (let t = 0; t < count; t++) {
        transformSums(scratch, sumsAt + r * block + t, TILE * block, patch, scratch, tileAt);
        const i = Math.floor((first + t) / across);
        const [y0, x0] = [i * OUTPUT, (first + t - i * across) * OUTPUT];
        const columns = Math.min(OUTPUT, outWidth - x0);
        for (let u = 0; u < Math.min(OUTPUT, outHeight - y0); u++) {
          store.row(scratch, tileAt + u * OUTPUT, columns, channel, plane, (y0 + u) * outWidth + x0);
        }
      }
    };

    return {
      parts: batch * blocks * rowParts,
      scratchSize: tileAt + OUTPUT * OUTPUT,
      run(part, scratch) {
        const firstRow = (part % rowParts) * partRows;
        part = Math.floor(part / rowParts);
        const first = (part % blocks) * block;
        const n = Math.floor(part / blocks);
        const count = Math.min(block, tiles - first);
        transformBlock(scratch, n, first, count);
        for (let row = firstRow; row < Math.min(rows, firstRow + partRows); row += TILE) {
          multiply(scratch, row, count);
          for (let r = 0; r < Math.min(TILE, rows - row); r++) storeRow(scratch, r, n, row + r, first, count);
        }
      },
    } satisfies Kernel;
  },
};

/** Tiles and rows of a part. */
function divide(tiles: number, rows: number, depth: number): { block: number; partRows: number } {
  const multipleOf4 = (n: number): number => Math.max(TILE, Math.floor(n / TILE) * TILE);
  const block = Math.min(
    multipleOf4(BLOCK_SIZE / (POINTS * depth)),
    multipleOf4(PART_SIZE / (POINTS * depth * MIN_ROWS)),
    roundUp(tiles, TILE),
    MAX_TILES,
  );
  const partRows = Math.max(MIN_ROWS, multipleOf4(PART_SIZE / (POINTS * depth * block)));
  return { block, partRows: roundUp(Math.ceil(rows / Math.ceil(rows / partRows)), TILE) };
}

/** `packed[row / 4][point][channel][4]`. */
function packFilters(weight: Tensor, rows: number, depth: number, packed: Float32Array): void {
  const filter = new Float64Array(POINTS);
  packed.fill(0);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < depth; c++) {
      transformFilter(weight.data, (row * depth + c) * 9, filter);
      let to = (row - (row % TILE)) * POINTS * depth + c * TILE + (row % TILE);
      for (let p = 0; p < POINTS; p++, to += depth * TILE) packed[to] = filter[p];
    }
  }
}
