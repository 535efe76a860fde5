import type { OperatorAttributes } from '../operators';
import { Tensor } from '../tensor';
import { standardise } from './standardise';

/**
 * Normalises over all axes from `axis` on. Ba et al. 2016, equation 4.
 *
 * @param scale of the shape `x.shape.slice(axis)`
 * @param bias likewise
 */
export function layerNorm(
  x: Tensor,
  scale: Tensor,
  bias: Tensor,
  { epsilon }: OperatorAttributes['layer-norm'],
): Tensor {
  const length = scale.size;
  const y = standardise(x, length, epsilon).map((v, i) => v * scale.data[i % length] + bias.data[i % length]);
  return Tensor.float32(x.shape, Float32Array.from(y));
}
