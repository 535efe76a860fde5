import type { Operator, OperatorAttributes } from '../operators';
import type { Shape, Tensor } from '../tensor';

/**
 * One operator on the CPU, its sums in float64: the definition written out, without cleverness. The operator's record
 * in src/operators says what its inputs are.
 *
 * @param shapes of the outputs, as the graph declares them
 */
export type Reference<O extends Operator, R extends Tensor | Tensor[] = Tensor> = (
  inputs: readonly Tensor[],
  attributes: OperatorAttributes[O],
  shapes: readonly Shape[],
) => R;
