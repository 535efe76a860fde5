import type { UnaryAttributes } from '../operators/unary';
import { unaryFunction } from '../reference/unary';

/** Applies a function to numbers in place. */
export type Activation = (numbers: Float32Array, from: number, end: number) => void;

/** Functions that are bounds alone: most networks have no others. */
export function boundsOf({ fn, alpha, beta }: UnaryAttributes): readonly [low: number, high: number] | undefined {
  switch (fn) {
    case 'identity':
      return [-Infinity, Infinity];
    case 'relu':
      return [0, Infinity];
    case 'relu6':
      return [0, 6];
    case 'clip':
      // Crossed bounds give the upper one, whichever the value.
      return alpha <= beta ? [alpha, beta] : undefined;
    default:
      return undefined;
  }
}

/**
 * A loop for each family of functions: V8 neither inlines a function that differs from call to call nor passes it a
 * number without allocating one.
 */
export function makeActivation(attributes: UnaryAttributes): Activation {
  const { fn, alpha, beta } = attributes;
  const bounds = boundsOf(attributes);
  if (bounds) return clamp(...bounds);
  switch (fn) {
    case 'leaky-relu':
      return (numbers, from, end) => {
        for (let i = from; i < end; i++) if (numbers[i] < 0) numbers[i] *= alpha;
      };
    case 'sigmoid':
      return gate(false, 1);
    case 'silu':
      return gate(true, alpha);
    case 'tanh':
      return gate(false, 2, 2, -1);
    case 'hard-sigmoid':
      return hardGate(false, alpha, beta);
    case 'hard-swish':
      return hardGate(true, 1 / 6, 0.5);
    default: {
      const apply = unaryFunction(attributes);
      return (numbers, from, end) => {
        for (let i = from; i < end; i++) numbers[i] = apply(numbers[i]);
      };
    }
  }
}

function clamp(low: number, high: number): Activation {
  return (numbers, from, end) => {
    for (let i = from; i < end; i++) {
      const x = numbers[i];
      numbers[i] = x < low ? low : x > high ? high : x;
    }
  };
}

/** `clamp(slope·x + offset, 0, 1)`, times x if that is the gate of x */
function hardGate(ofItself: boolean, slope: number, offset: number): Activation {
  return (numbers, from, end) => {
    for (let i = from; i < end; i++) {
      const x = numbers[i];
      numbers[i] = (ofItself ? x : 1) * Math.min(Math.max(slope * x + offset, 0), 1);
    }
  };
}

/** Of the powers of two in the table: beyond, they are 0 or infinite. */
const MAX_EXPONENT = 1100;
const POWERS = Float64Array.from({ length: 2 * MAX_EXPONENT + 1 }, (_, i) => 2 ** (i - MAX_EXPONENT));

/**
 * `factor / (1 + e^(-slope·x)) + offset`, with x as the factor if that is the gate of x. `Math.exp` takes longer than all the rest: here e^x is a power of two times the
 * first terms of the series of 2^f, -½ ≤ f ≤ ½, right to 10⁻⁸.
 */
function gate(ofItself: boolean, slope: number, factor = 1, offset = 0): Activation {
  const scale = -slope * Math.LOG2E;
  return (numbers, from, end) => {
    for (let i = from; i < end; i++) {
      const x = numbers[i];
      const exponent = Math.min(Math.max(scale * x, -MAX_EXPONENT), MAX_EXPONENT);
      const whole = Math.floor(exponent + 0.5);
      const f = (exponent - whole) * Math.LN2;
      const series =
        1 + f * (1 + f * (1 / 2 + f * (1 / 6 + f * (1 / 24 + f * (1 / 120 + f * (1 / 720 + f * (1 / 5040)))))));
      // `| 0` keeps NaN from being an index.
      numbers[i] = (ofItself ? x : factor) / (1 + POWERS[(whole + MAX_EXPONENT) | 0] * series) + offset;
    }
  };
}
