import { Tensor } from '../tensor';
import type { Reference } from './reference';
import { broadcastOffsets } from './strided';

/** Matrix product of the last two axes; the leading ones broadcast. */
export const matmul: Reference<'matmul'> = ([a, b], _, [shape]) => {
  const [m, n] = shape.slice(-2);
  const k = a.shape.at(-1)!;
  const batch = shape.slice(0, -2);
  const aMatrices = broadcastOffsets(a.shape.slice(0, -2), batch);
  const bMatrices = broadcastOffsets(b.shape.slice(0, -2), batch);
  const left = a.data;
  const right = b.data;
  const sums = new Float64Array(aMatrices.length * m * n);
  for (let matrix = 0; matrix < aMatrices.length; matrix++) {
    for (let i = 0; i < m; i++) {
      const yRow = (matrix * m + i) * n;
      for (let p = 0; p < k; p++) {
        const factor = left[(aMatrices[matrix] * m + i) * k + p];
        const bRow = (bMatrices[matrix] * k + p) * n;
        for (let j = 0; j < n; j++) sums[yRow + j] += factor * right[bRow + j];
      }
    }
  }
  return Tensor.float32(shape, Float32Array.from(sums));
};
