import { Tensor } from '../src';

/** Tensors that came in a message: it copies their fields but not their class. */
export const revived = (tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> =>
  new Map([...tensors].map(([name, { dtype, shape, data }]) => [name, new Tensor(dtype, shape, data)]));
