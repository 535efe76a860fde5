import { transpose } from '../src/reference/transpose';
import type { Shape, Tensor } from '../src/tensor';

/** A tensor with its axes in another order. */
export function permuted(x: Tensor, permutation: readonly number[]): Tensor {
  const shape: Shape = permutation.map((axis) => x.shape[axis]);
  return transpose([x], { permutation }, [shape]);
}
