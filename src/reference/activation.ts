import { ArgumentError } from '../errors';
import type { UnaryAttributes } from '../operators/unary';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/**
 * Every unary function of one number, in float64. `alpha` and `beta` as in {@link UnaryAttributes}.
 * The formulas are those of the ONNX operators of the same names.
 */
export function unaryFunction({ fn, alpha, beta }: UnaryAttributes): (x: number) => number {
  switch (fn) {
    case 'identity':
      return (x) => x;
    case 'relu':
      return (x) => Math.max(x, 0);
    case 'relu6':
      return (x) => Math.min(Math.max(x, 0), 6);
    case 'leaky-relu':
      return (x) => (x < 0 ? alpha * x : x);
    case 'elu':
      return (x) => (x < 0 ? alpha * Math.expm1(x) : x);
    case 'celu':
      return (x) => Math.max(x, 0) + Math.min(alpha * Math.expm1(x / alpha), 0);
    case 'selu':
      return (x) => beta * (x < 0 ? alpha * Math.expm1(x) : x);
    case 'sigmoid':
      return sigmoid;
    case 'hard-sigmoid':
      return (x) => Math.min(Math.max(alpha * x + beta, 0), 1);
    case 'tanh':
      return Math.tanh;
    case 'hard-swish':
      return (x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1);
    case 'silu':
      return (x) => x * sigmoid(alpha * x);
    case 'gelu':
      return (x) => 0.5 * x * (1 + erf(x / Math.SQRT2));
    case 'gelu-tanh':
      return (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
    case 'mish':
      return (x) => x * Math.tanh(softplus(x));
    case 'softplus':
      return softplus;
    case 'softsign':
      return (x) => x / (1 + Math.abs(x));
    case 'clip':
      return (x) => Math.min(Math.max(x, alpha), beta);
    case 'exp':
      return Math.exp;
    case 'log':
      return Math.log;
    case 'sqrt':
      return Math.sqrt;
    case 'abs':
      return Math.abs;
    case 'neg':
      return (x) => -x;
    case 'reciprocal':
      return (x) => 1 / x;
    case 'floor':
      return Math.floor;
    case 'ceil':
      return Math.ceil;
    case 'round':
      return roundHalfToEven;
    case 'sin':
      return Math.sin;
    case 'cos':
      return Math.cos;
    case 'erf':
      return erf;
    case 'sign':
      return Math.sign;
    case 'not':
      return (x) => (x === 0 ? 1 : 0);
    default:
      throw new ArgumentError(`unknown unary function ${fn satisfies never}`);
  }
}

function roundHalfToEven(x: number): number {
  const rounded = Math.round(x);
  return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** The error function by its Maclaurin series near zero and a continued fraction beyond: Abramowitz and Stegun 7.1.5, 7.1.14. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (a > 6) return Math.sign(x);
  if (a < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + fraction)));
}
