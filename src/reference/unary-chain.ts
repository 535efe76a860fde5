import { Tensor } from '../tensor';
import type { Reference } from './reference';
import { unaryFunction } from './unary';

/** Every function of the results before it, which are not rounded between. */
export const unaryChain: Reference<'unary-chain'> = ([x], { functions }) => {
  const steps = functions.map(unaryFunction);
  const apply = (value: number): number => steps.reduce((y, step) => step(y), value);
  return Tensor.float32(x.shape, Float32Array.from(x.data, apply));
};
