import type { Pair, Window } from '../../operators/window';
import type { Tensor } from '../../tensor';
import type { Kernel, KernelFamily } from '../kernel';
import { piecesPerPart } from './shares';

/** Pixels under windows of a part. */
const PART_SIZE = 1 << 17;

export const maxPool2d: KernelFamily<'max-pool2d'> = {
  fits: () => true,
  bind: ({ attributes }, [x], [y]) => poolPlanes(attributes, x, y),
};

export const averagePool2d: KernelFamily<'average-pool2d'> = {
  fits: () => true,
  bind({ attributes }, [x], [y]) {
    const { countIncludePad } = attributes;
    const weight = ({ taps, padded }: Range, columns: Range): number => {
      const count = countIncludePad ? padded * columns.padded : taps * columns.taps;
      return count > 0 ? 1 / count : 0;
    };
    return poolPlanes(attributes, x, y, weight);
  },
};

export const globalPool2d: KernelFamily<'global-pool2d'> = {
  fits: () => true,
  bind({ attributes: { fn } }, [x], [y]) {
    const [, , height, width] = x.shape;
    const window = { kernel: [height, width], stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0] } as const;
    return fn === 'max' ? poolPlanes(window, x, y) : poolPlanes(window, x, y, () => 1 / (height * width));
  },
};

/** What a window sees along one axis. */
interface Range {
  /** Of the picture: the first row or column, and how many. */
  readonly first: number;
  readonly taps: number;
  /** With the padding before and behind. */
  readonly padded: number;
}

/** @param weight what a sum is multiplied by to be the mean; without it, the greatest is taken. NaN wins over every number. */
function poolPlanes(
  window: Omit<Window, 'ceilMode'>,
  x: Tensor,
  y: Tensor,
  weight?: (rows: Range, columns: Range) => number,
): Kernel {
  const { kernel, stride, dilation, padding } = window;
  const [batch, channels, height, width] = x.shape;
  const [, , outHeight, outWidth] = y.shape;
  const [source, result] = [x.data as Float32Array, y.data as Float32Array];
  const axis = (a: 0 | 1, length: number, outputs: number): Range[] =>
    Array.from({ length: outputs }, (_, i) => {
      const start = i * stride[a] - padding[a];
      return rangeOf(start, kernel[a], dilation[a], [length, length + padding[a + 2]]);
    });
  const rows = axis(0, height, outHeight);
  const columns = axis(1, width, outWidth);
  const [rowStep, step] = [dilation[0] * width, dilation[1]];
  const planes = batch * channels;
  const perPart = piecesPerPart(PART_SIZE, outHeight * outWidth * kernel[0] * kernel[1], planes);
  return {
    parts: Math.ceil(planes / perPart),
    run(part) {
      for (let plane = part * perPart; plane < Math.min(planes, (part + 1) * perPart); plane++) {
        let to = plane * outHeight * outWidth;
        for (const row of rows) {
          const from = (plane * height + row.first) * width;
          for (const column of columns) {
            const ends = column.taps * step;
            let value = weight ? 0 : -Infinity;
            for (let at = from + column.first, last = at + row.taps * rowStep; at < last; at += rowStep) {
              if (weight) for (let tap = at; tap < at + ends; tap += step) value += source[tap];
              else for (let tap = at; tap < at + ends; tap += step) value = Math.max(value, source[tap]);
            }
            result[to++] = weight ? value * weight(row, column) : value;
          }
        }
      }
    },
  };
}

/** @param ends of the picture, and of its padding */
function rangeOf(start: number, kernel: number, dilation: number, [end, paddedEnd]: Pair): Range {
  const before = Math.max(0, Math.ceil(-start / dilation));
  const within = (limit: number): number => Math.min(kernel, Math.max(0, Math.ceil((limit - start) / dilation)));
  return { first: start + before * dilation, taps: Math.max(0, within(end) - before), padded: within(paddedEnd) };
}
