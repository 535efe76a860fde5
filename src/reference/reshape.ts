import type { OperatorAttributes } from '../operators';
import type { Tensor } from '../tensor';

/** The same elements in the same order under another shape. */
export function reshape(x: Tensor, { shape }: OperatorAttributes['reshape']): Tensor {
  return x.reshape(shape);
}
