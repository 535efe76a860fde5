import { broadcastOffsets } from '../../reference/strided';
import type { KernelFamily } from '../kernel';
import { multiplyTile, packRows, roundUp, TILE } from './multiply';

/** Rows of the left matrix of a part. */
const PART_ROWS = 32;

/** Matrix product of the last two axes. A part packs its rows of `a`, then `b` four columns at a time. */
export const matmul: KernelFamily<'matmul'> = {
  fits: () => true,
  bind(_, [a, b], [y]) {
    const [rows, depth] = a.shape.slice(-2);
    const columns = b.shape.at(-1)!;
    const batch = y.shape.slice(0, -2);
    const leftMatrices = broadcastOffsets(a.shape.slice(0, -2), batch);
    const rightMatrices = broadcastOffsets(b.shape.slice(0, -2), batch);
    const [left, right, result] = [a.data as Float32Array, b.data as Float32Array, y.data as Float32Array];
    const partRows = Math.min(PART_ROWS, roundUp(rows, TILE));
    const rowParts = Math.ceil(rows / partRows);
    const columnsAt = partRows * depth;
    const sumsAt = columnsAt + TILE * depth;
    return {
      parts: leftMatrices.length * rowParts,
      scratchSize: sumsAt + TILE * TILE,
      run(part, scratch) {
        const matrix = Math.floor(part / rowParts);
        const first = (part % rowParts) * partRows;
        const count = Math.min(partRows, rows - first);
        packRows(left, (leftMatrices[matrix] * rows + first) * depth, count, depth, scratch, 0);
        for (let j = 0; j < columns; j += TILE) {
          const width = Math.min(TILE, columns - j);
          let at = rightMatrices[matrix] * depth * columns + j;
          for (let k = 0, to = columnsAt; k < depth; k++, at += columns, to += TILE) {
            for (let c = 0; c < TILE; c++) scratch[to + c] = c < width ? right[at + c] : 0;
          }
          for (let row = 0; row < count; row += TILE) {
            multiplyTile(scratch, row * depth, scratch, columnsAt, depth, scratch, sumsAt, TILE);
            for (let r = 0; r < Math.min(TILE, count - row); r++) {
              const to = (matrix * rows + first + row + r) * columns + j;
              for (let c = 0; c < width; c++) result[to + c] = scratch[sumsAt + r * TILE + c];
            }
          }
        }
      },
    };
  },
};
