import { Tensor } from '../tensor';
import type { Reference } from './reference';
import { aroundAxis } from './strided';

/**
 * Batch normalisation with recorded statistics: `(x - mean) / sqrt(variance + epsilon) · scale + bias` per channel.
 * Ioffe and Szegedy 2015, algorithm 2.
 */
export const batchNorm: Reference<'batch-norm'> = ([x, scale, bias, mean, variance], { epsilon }) => {
  const { outer, length: channels, inner } = aroundAxis(x.shape, 1);
  const y = Tensor.float32(x.shape);
  for (let plane = 0; plane < outer * channels; plane++) {
    const c = plane % channels;
    const factor = scale.data[c] / Math.sqrt(variance.data[c] + epsilon);
    for (let i = plane * inner; i < (plane + 1) * inner; i++) {
      y.data[i] = (x.data[i] - mean.data[c]) * factor + bias.data[c];
    }
  }
  return y;
};
