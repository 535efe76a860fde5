import { broadcastShapes, sizeOf } from '../tensor';
import { check, samePixel } from './checks';
import { defineOperator, type Words } from './operator';

/** Functions whose result is bool. */
const COMPARISONS = ['equal', 'less', 'less-or-equal', 'greater', 'greater-or-equal', 'and', 'or', 'xor'] as const;

export const BINARY_FUNCTIONS = [
  ...(['add', 'sub', 'mul', 'div', 'min', 'max', 'pow', 'prelu', 'mod'] as const),
  ...COMPARISONS,
] as const;
export type BinaryFunction = (typeof BINARY_FUNCTIONS)[number];

export const isComparison = (fn: BinaryFunction): boolean => (COMPARISONS as readonly string[]).includes(fn);

const words = { fn: BINARY_FUNCTIONS };

/**
 * inputs: a, b, broadcast. prelu: b is the slope. div of int32 rounds towards zero. mod: float32 takes the sign of a
 * (C's fmod), int32 that of b (Python's `%`).
 */
export const binary = defineOperator<Words<typeof words>>({
  arity: 2,
  anyType: true,
  words,
  infer([a, b], { fn }) {
    check(a.dtype === b.dtype, `both inputs must have one type, got ${a.dtype} and ${b.dtype}`);
    return [{ shape: broadcastShapes(a.shape, b.shape), dtype: isComparison(fn) ? 'bool' : a.dtype }];
  },
  flops: (_, __, y) => sizeOf(y),
  receptiveField: (_, inputs, y, index) => samePixel(inputs[index], y),
});
