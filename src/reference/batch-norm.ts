import { Tensor } from '../tensor';
import type { Reference } from './reference';
import { aroundAxis } from './strided';

/**
 * Batch normalisation with recorded statistics: `(x - mean) / sqrt(variance + epsilon) · scale + bias` per channel.
 * Ioffe and Szegedy 2015, algorithm 2. A residual is added to x before, and a PReLU follows, if the node has them.
 */
export const batchNorm: Reference<'batch-norm'> = ([x, scale, bias, mean, variance, slopes, residual], { epsilon }) => {
  const { outer, length: channels, inner } = aroundAxis(x.shape, 1);
  const y = Tensor.float32(x.shape);
  for (let plane = 0; plane < outer * channels; plane++) {
    const c = plane % channels;
    const factor = scale.data[c] / Math.sqrt(variance.data[c] + epsilon);
    for (let i = plane * inner; i < (plane + 1) * inner; i++) {
      const sum = residual ? x.data[i] + residual.data[i] : x.data[i];
      const normal = (sum - mean.data[c]) * factor + bias.data[c];
      y.data[i] = slopes && normal < 0 ? normal * slopes.data[c] : normal;
    }
  }
  return y;
};
