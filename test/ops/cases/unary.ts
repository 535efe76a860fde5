import { UNARY_FUNCTIONS, type UnaryFunction } from '../../../src/operators/unary';
import { type Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';
import { sequence } from '../../support/tensors';

const apply = (
  name: string,
  fn: UnaryFunction,
  input: Shape | Tensor,
  rest: Partial<KernelCase<'unary'>> = {},
): KernelCase<'unary'> => ({
  name: `${fn} of ${name}`,
  op: 'unary',
  attributes: { fn, alpha: 0.3, beta: 0.8 },
  inputs: [input],
  ...rest,
});

/** Steps of an eighth through zero, scaled. A small scale shows errors relative to tiny results. */
const around = (scale: number): Tensor =>
  Tensor.float32(
    [41],
    Array.from({ length: 41 }, (_, i) => ((i - 20) / 8) * scale),
  );
/** Inputs for which a function is defined, and not too steep for a tolerance relative to the largest result. */
const DOMAINS: { readonly [F in UnaryFunction]?: readonly [low: number, high: number] } = {
  log: [0.1, 4],
  sqrt: [0.1, 4],
  reciprocal: [0.1, 4],
  tan: [-1.5, 1.5],
  asin: [-1, 1],
  acos: [-1, 1],
  acosh: [1, 4],
  atanh: [-0.99, 0.99],
};

/** Functions that are almost linear at zero: the result there must be right relative to its own size. */
const LINEAR_AT_ZERO: readonly UnaryFunction[] = [
  'elu',
  'celu',
  'selu',
  'tanh',
  'softsign',
  'erf',
  'gelu',
  'mish',
  'silu',
  'sin',
  'tan',
  'asin',
  'atan',
  'sinh',
  'asinh',
  'atanh',
];

const extremes = Tensor.float32([8], [Number.NaN, Infinity, -Infinity, 200, -200, 0, 3e38, -3e38]);
/** Angles of 10,000 and more have too few digits in float32. */
const withExtremes = UNARY_FUNCTIONS.filter((fn) => !['sin', 'cos', 'tan'].includes(fn));

export const cases: readonly KernelCase<'unary'>[] = [
  ...UNARY_FUNCTIONS.map((fn) =>
    apply(
      'an image whose channels are no multiple of 4',
      fn,
      new Random(7).tensor([2, 6, 3, 5], ...(DOMAINS[fn] ?? [-4, 4])),
    ),
  ),
  ...LINEAR_AT_ZERO.map((fn) => apply('numbers around a ten-thousandth', fn, around(1e-4))),
  ...withExtremes.map((fn) => apply('NaN, infinities and large numbers', fn, extremes)),
  apply('very negative numbers, relative to their size', 'softplus', Tensor.float32([5], [-20, -21, -22, -30, -40])),
  apply('very negative numbers, relative to their size', 'sigmoid', Tensor.float32([5], [-20, -21, -22, -30, -40])),
  apply(
    'halves, which go to even',
    'round',
    Tensor.float32([8], [0.5, 1.5, 2.5, -0.5, -1.5, 0.49999997, 8388609, -3.5]),
  ),
  apply('both sides of one', 'erf', around(0.6)),
  ...(['asin', 'acos', 'atanh'] as const).map((fn) =>
    apply('the ends of where it is defined, and beyond', fn, around(0.5)),
  ),
  ...(['atan', 'sinh', 'cosh', 'asinh'] as const).map((fn) =>
    apply('both sides of where its formula changes', fn, around(1.2)),
  ),
  apply('just above one', 'acosh', Tensor.float32([6], [1, 1 + 2 ** -20, 1.001, 1.2, 1.3, 0.99])),
  apply('what overflows an exponential but not itself', 'sinh', Tensor.float32([4], [89, -89, 90, 10]), {
    tolerance: 2 ** -15,
    reason: 'WGSL grants exp(44.5) an error of 92 units in the last place, and it is squared',
  }),
  ...(['sin', 'cos', 'tan'] as const).map((fn) => apply('several turns', fn, around(17))),
  ...(['sin', 'cos'] as const).map((fn) => apply('a thousand turns', fn, around(2500))),
  ...[
    [1, 0],
    [0, 1],
    [0, 0],
  ].map(([alpha, beta]) =>
    apply(`infinities that count ${alpha} and ${beta}`, 'is-inf', extremes, {
      attributes: { fn: 'is-inf', alpha, beta },
    }),
  ),
  apply('a vector', 'relu', [37]),
  apply('a scalar', 'relu', []),
  apply('an image whose channels are whole vec4s', 'sigmoid', [2, 8, 3, 3]),
  apply('five axes', 'silu', [2, 3, 1, 5, 2]),
  apply('nothing', 'neg', [0, 3]),
  ...(['relu', 'relu6', 'clip', 'abs', 'neg', 'sign', 'identity'] as const).map((fn) =>
    apply(
      'int32 beyond the range that float32 counts',
      fn,
      Tensor.int32([6], [2 ** 24 + 1, -(2 ** 24) - 1, 0, 5, -7, 2 ** 31 - 1]),
      { attributes: { fn, alpha: -3, beta: 2 ** 24 + 3 } },
    ),
  ),
  apply('bool', 'not', sequence([11], 'bool')),
  apply('more vec4s than one dimension of the grid takes', 'neg', [43, 41], { workgroupLimit: 6 }),
];
