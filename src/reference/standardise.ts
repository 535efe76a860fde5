import type { Tensor } from '../tensor';

/**
 * Each run of `length` values brought to mean 0 and variance 1: `(x - mean) / sqrt(variance + epsilon)`,
 * with the biased variance (divided by `length`).
 */
export function standardise(x: Tensor, length: number, epsilon: number): Float64Array {
  const y = Float64Array.from(x.data);
  for (let start = 0; start < y.length; start += length) {
    const run = y.subarray(start, start + length);
    const mean = run.reduce((sum, v) => sum + v, 0) / length;
    const variance = run.reduce((sum, v) => sum + (v - mean) ** 2, 0) / length;
    const scale = 1 / Math.sqrt(variance + epsilon);
    for (let i = 0; i < length; i++) run[i] = (run[i] - mean) * scale;
  }
  return y;
}
