import type { Operator, OperatorAttributes } from '../operators';
import type { Shape, Tensor } from '../tensor';

/**
 * One operator on the CPU: its definition written out, with sums in float64. The operator's record in src/operators
 * lists its inputs.
 *
 * @param shapes of the outputs, as the graph declares them
 */
export type Reference<O extends Operator, R extends Tensor | Tensor[] = Tensor> = (
  inputs: readonly Tensor[],
  attributes: OperatorAttributes[O],
  shapes: readonly Shape[],
) => R;
