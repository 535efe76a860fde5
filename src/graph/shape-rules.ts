import { basicRules } from './basic-shape-rules';
import { furtherRules } from './further-shape-rules';
import type { ValueInfo } from './graph';
import { inferWith } from './infer-outputs';
import type { Operator, OperatorAttributes } from './operators';
import type { Rule } from './shape-checks';

export { windowOutput } from './shape-checks';

/** One rule for every operator. */
export const shapeRules: { readonly [O in Operator]: Rule<O> } = { ...basicRules, ...furtherRules };

/**
 * The shapes and types of an operator's outputs.
 *
 * @throws ShapeError with the values that do not fit
 */
export function inferOutputs<O extends Operator>(
  op: O,
  inputs: readonly ValueInfo[],
  attributes: OperatorAttributes[O],
): ValueInfo[] {
  return inferWith(shapeRules, op, inputs, attributes);
}
