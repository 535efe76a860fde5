import { type Shape, sizeOf } from '../tensor';
import { type Operator, type OperatorAttributes, recordOf } from '.';

/** Roughly the number of elements that a reference reads, computes and writes for one node. */
export function costOf<O extends Operator>(
  op: O,
  attributes: OperatorAttributes[O],
  inputs: readonly Shape[],
  outputs: readonly Shape[],
): number {
  const { flops, steps } = recordOf(op);
  const copied = [...inputs, ...outputs].reduce((sum, shape) => sum + sizeOf(shape), 0);
  return copied + (flops?.(attributes, inputs, outputs[0]) ?? 0) + (steps?.(inputs, outputs[0]) ?? 0);
}
