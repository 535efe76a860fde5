import { Tensor } from '../tensor';
import { standardise } from './instance-norm';
import type { Reference } from './reference';

/** Normalises over all axes from `axis` on. Ba et al. 2016, equation 4. */
export const layerNorm: Reference<'layer-norm'> = ([x, scale, bias], { epsilon }) => {
  const length = scale.size;
  const y = standardise(x, length, epsilon).map((v, i) => v * scale.data[i % length] + bias.data[i % length]);
  return Tensor.float32(x.shape, Float32Array.from(y));
};
