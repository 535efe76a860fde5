import type { UnaryAttributes } from '../operators/unary';
import { Tensor, type TensorData } from '../tensor';
import { unaryFunction } from './activation';

/** One function applied to each element; shape and type are kept. */
export function unary(x: Tensor, attributes: UnaryAttributes): Tensor {
  const apply = unaryFunction(attributes);
  return new Tensor(x.dtype, x.shape, (x.data as Float32Array).map(apply) as TensorData[typeof x.dtype]);
}
