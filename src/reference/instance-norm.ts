import type { OperatorAttributes } from '../operators';
import { Tensor } from '../tensor';
import { standardise } from './standardise';
import { aroundAxis } from './strided';

/**
 * Normalises each channel of each sample by its own mean and variance. Ulyanov et al. 2016, equation 8.
 *
 * @param x `[N, C, ...]`
 * @param scale `[C]`
 * @param bias `[C]`
 */
export function instanceNorm(
  x: Tensor,
  scale: Tensor,
  bias: Tensor,
  { epsilon }: OperatorAttributes['instance-norm'],
): Tensor {
  const { length: channels, inner } = aroundAxis(x.shape, 1);
  const y = standardise(x, inner, epsilon).map((v, i) => {
    const c = Math.floor(i / inner) % channels;
    return v * scale.data[c] + bias.data[c];
  });
  return Tensor.float32(x.shape, Float32Array.from(y));
}
