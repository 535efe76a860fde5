import { sizeOf } from '../tensor';
import { samePixel } from './checks';
import { defineOperator } from './operator';
import { type UnaryAttributes, unary } from './unary';

/**
 * Functions of one number, each of the result of the one before it. A pass makes this node of long chains, which then
 * take one launch. input: float32 of any shape; output: of the same shape
 */
export const unaryChain = defineOperator<{ readonly functions: readonly UnaryAttributes[] }>({
  arity: 1,
  infer: ([x], { functions }) => functions.reduce((y, attributes) => unary.infer(y, attributes), [x]),
  flops: ({ functions }, _, y) => functions.length * sizeOf(y),
  keepsZero: ({ functions }) => functions.every((attributes) => unary.keepsZero!(attributes)),
  receptiveField: (_, [x], y) => samePixel(x, y),
});
