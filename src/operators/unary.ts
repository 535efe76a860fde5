import { type DataType, sizeOf } from '../tensor';
import { check, samePixel } from './checks';
import { defineOperator } from './operator';

// biome-ignore format: a list to scan
export const UNARY_FUNCTIONS = [
  'identity', 'relu', 'relu6', 'leaky-relu', 'elu', 'celu', 'selu', 'sigmoid', 'hard-sigmoid', 'tanh', 'hard-swish',
  'silu', 'gelu', 'gelu-tanh', 'mish', 'softplus', 'softsign', 'clip', 'exp', 'log', 'sqrt', 'abs', 'neg',
  'reciprocal', 'floor', 'ceil', 'round', 'sin', 'cos', 'erf', 'sign', 'not', 'is-nan', 'is-inf', 'tan', 'asin', 'acos',
  'atan', 'sinh', 'cosh', 'asinh', 'acosh', 'atanh',
] as const;
export type UnaryFunction = (typeof UNARY_FUNCTIONS)[number];

/** `alpha` and `beta` are the parameters of functions that have any; src/reference/unary.ts has the formulas. */
export interface UnaryAttributes {
  readonly fn: UnaryFunction;
  /**
   * leaky-relu, elu, celu: slope. selu: alpha. hard-sigmoid: slope. clip: lower bound. silu: factor inside the sigmoid
   * (1). is-inf: 1 if negative infinity counts.
   */
  readonly alpha: number;
  /** hard-sigmoid: offset. clip: upper bound. selu: gamma. is-inf: 1 if positive infinity counts. */
  readonly beta: number;
}

const INTEGER = new Set<UnaryFunction>(['identity', 'relu', 'relu6', 'clip', 'abs', 'neg', 'sign']);

/** Functions that surely make +0 of 0, on every GPU and whatever their parameters. */
// biome-ignore format: a list to scan
const KEEP_ZERO = new Set<UnaryFunction>([
  'identity', 'relu', 'relu6', 'leaky-relu', 'elu', 'celu', 'selu', 'tanh', 'hard-swish', 'silu', 'gelu', 'gelu-tanh',
  'mish', 'softsign', 'sqrt', 'abs', 'floor', 'ceil', 'round', 'sin', 'erf', 'sign', 'is-nan', 'is-inf', 'tan', 'asin',
  'atan', 'sinh', 'asinh', 'atanh',
]);

export const unary = defineOperator<UnaryAttributes>({
  arity: 1,
  anyType: true,
  words: { fn: UNARY_FUNCTIONS },
  infer([x], { fn }) {
    const takes: Record<DataType, boolean> = {
      float32: true,
      int32: INTEGER.has(fn),
      bool: fn === 'not' || fn === 'identity',
    };
    check(takes[x.dtype], `${fn} does not take ${x.dtype}`);
    return [x];
  },
  flops: ({ fn }, _, y) => (fn === 'identity' ? 0 : sizeOf(y)),
  keepsZero: ({ fn }) => KEEP_ZERO.has(fn),
  receptiveField: (_, [x], y) => samePixel(x, y),
});
