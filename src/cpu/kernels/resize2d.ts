import { axisTaps, type Taps } from '../../reference/resize2d';
import type { KernelFamily } from '../kernel';
import { piecesPerPart } from './shares';

/** Pixels of a part. */
const PART_SIZE = 1 << 16;

/** Separably: the rows that an output row is made of are mixed first, then the columns of what that gives. */
export const resize2d: KernelFamily<'resize2d'> = {
  fits: () => true,
  bind({ attributes }, [x], [y]) {
    const [batch, channels, height, width] = x.shape;
    const [, , outHeight, outWidth] = y.shape;
    const [source, result] = [x.data as Float32Array, y.data as Float32Array];
    const rows = axisTaps(attributes, 0, height);
    const columns = axisTaps(attributes, 1, width);
    const taps = columns[0].indices.length;
    const indices = Int32Array.from(columns.flatMap((column) => column.indices));
    const weights = Float64Array.from(columns.flatMap((column) => column.weights));
    const planes = batch * channels;
    const perPart = piecesPerPart(PART_SIZE, outHeight * outWidth, planes);

    const mixRows = (plane: number, row: Taps, mixed: Float32Array): void => {
      for (const [u, index] of row.indices.entries()) {
        const weight = row.weights[u];
        const at = (plane * height + index) * width;
        if (u === 0) for (let j = 0; j < width; j++) mixed[j] = weight * source[at + j];
        else for (let j = 0; j < width; j++) mixed[j] += weight * source[at + j];
      }
    };

    return {
      parts: Math.ceil(planes / perPart),
      scratchSize: width,
      run(part, scratch) {
        for (let plane = part * perPart; plane < Math.min(planes, (part + 1) * perPart); plane++) {
          let to = plane * outHeight * outWidth;
          for (const row of rows) {
            mixRows(plane, row, scratch);
            for (let j = 0, tap = 0; j < outWidth; j++) {
              let sum = 0;
              for (const end = tap + taps; tap < end; tap++) sum += weights[tap] * scratch[indices[tap]];
              result[to++] = sum;
            }
          }
        }
      },
    };
  },
};
