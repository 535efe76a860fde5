import { Tensor } from '../tensor';
import type { Reference } from './reference';
import { aroundAxis } from './strided';

/** Normalises each channel of each sample by its own mean and variance. Ulyanov et al. 2016, equation 8. */
export const instanceNorm: Reference<'instance-norm'> = ([x, scale, bias], { epsilon }) => {
  const { length: channels, inner } = aroundAxis(x.shape, 1);
  const y = standardise(x, inner, epsilon).map((v, i) => {
    const c = Math.floor(i / inner) % channels;
    return v * scale.data[c] + bias.data[c];
  });
  return Tensor.float32(x.shape, Float32Array.from(y));
};

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
