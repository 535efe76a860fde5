import type { UnaryAttributes, UnaryFunction } from '../operators/unary';
import { Tensor, type TensorData } from '../tensor';
import type { Reference } from './reference';

/** One function applied to each element; shape and type are kept. */
export const unary: Reference<'unary'> = ([x], attributes) => {
  const apply = unaryFunction(attributes);
  return new Tensor(x.dtype, x.shape, (x.data as Float32Array).map(apply) as TensorData[typeof x.dtype]);
};

export function unaryFunction({ fn, alpha, beta }: UnaryAttributes): (x: number) => number {
  const apply = FUNCTIONS[fn];
  return (x) => apply(x, alpha, beta);
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Every unary function of one number, in float64: the formulas of the ONNX operators of the same names. */
const FUNCTIONS: { readonly [F in UnaryFunction]: (x: number, alpha: number, beta: number) => number } = {
  identity: (x) => x,
  relu: (x) => Math.max(x, 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  'leaky-relu': (x, alpha) => (x < 0 ? alpha * x : x),
  elu: (x, alpha) => (x < 0 ? alpha * Math.expm1(x) : x),
  celu: (x, alpha) => Math.max(x, 0) + Math.min(alpha * Math.expm1(x / alpha), 0),
  selu: (x, alpha, gamma) => gamma * (x < 0 ? alpha * Math.expm1(x) : x),
  sigmoid,
  'hard-sigmoid': (x, slope, offset) => Math.min(Math.max(slope * x + offset, 0), 1),
  tanh: Math.tanh,
  'hard-swish': (x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1),
  silu: (x, alpha) => x * sigmoid(alpha * x),
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  'gelu-tanh': (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  mish: (x) => x * Math.tanh(softplus(x)),
  softplus,
  softsign: (x) => x / (1 + Math.abs(x)),
  clip: (x, least, most) => Math.min(Math.max(x, least), most),
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  abs: Math.abs,
  neg: (x) => -x,
  reciprocal: (x) => 1 / x,
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfToEven,
  sin: Math.sin,
  cos: Math.cos,
  erf,
  sign: Math.sign,
  not: (x) => (x === 0 ? 1 : 0),
  'is-nan': (x) => Number(Number.isNaN(x)),
  'is-inf': (x, negative, positive) => (x === -Infinity ? negative : x === Infinity ? positive : 0),
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
};

/** Halves go to the even neighbour, as in PyTorch and ONNX Runtime. */
export function roundHalfToEven(x: number): number {
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
