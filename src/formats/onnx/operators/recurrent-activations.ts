import type { UnaryFunction } from '../../../operators/unary';
import type { Value } from '../graph-writer';
import type { NodeContext } from '../node-context';
import { add, binary, mul, scalar, unary } from './arithmetic';

/** The activations that a recurrent layer names, with the parameters that each of them takes. */

interface Activation {
  /** The defaults of `alpha` and `beta`, for a function that has them. */
  readonly alpha?: number;
  readonly beta?: number;
  apply(node: NodeContext, x: Value, alpha: number, beta: number): Value;
}

const plain = (fn: UnaryFunction): Activation => ({ apply: (node, x) => unary(node, fn, x) });

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  sigmoid: plain('sigmoid'),
  tanh: plain('tanh'),
  relu: plain('relu'),
  softsign: plain('softsign'),
  softplus: plain('softplus'),
  leakyrelu: { alpha: 0.01, apply: (node, x, alpha) => unary(node, 'leaky-relu', x, alpha) },
  elu: { alpha: 1, apply: (node, x, alpha) => unary(node, 'elu', x, alpha) },
  hardsigmoid: { alpha: 0.2, beta: 0.5, apply: (node, x, alpha, beta) => unary(node, 'hard-sigmoid', x, alpha, beta) },
  affine: { alpha: 1, beta: 0, apply: (node, x, alpha, beta) => add(node, mul(node, x, alpha), beta) },
  scaledtanh: {
    alpha: 1,
    beta: 1,
    apply: (node, x, alpha, beta) => mul(node, unary(node, 'tanh', mul(node, x, beta)), alpha),
  },
  thresholdedrelu: {
    alpha: 1,
    apply: (node, x, alpha) =>
      node.emit('where', [binary(node, 'greater', x, scalar(node, alpha, x)), x, scalar(node, 0, x)], {}),
  },
};

/**
 * One function per activation of each direction. The lists `activation_alpha` and `activation_beta` have an entry for
 * each activation that takes such a parameter, and skip the others.
 */
export function activationsOf(node: NodeContext, usual: readonly string[], directions: number) {
  const names = node.words('activations') ?? [];
  const alphas = [...(node.floats('activation_alpha') ?? [])];
  const betas = [...(node.floats('activation_beta') ?? [])];
  return Array.from({ length: directions * usual.length }, (_, i) => {
    const name = names[i] ?? usual[i % usual.length];
    const key = name.toLowerCase();
    if (!Object.hasOwn(ACTIVATIONS, key)) return node.unsupported(`its activation is ${name}`);
    const { alpha, beta, apply } = ACTIVATIONS[key];
    const own = [
      alpha === undefined ? 0 : (alphas.shift() ?? alpha),
      beta === undefined ? 0 : (betas.shift() ?? beta),
    ] as const;
    return (x: Value): Value => apply(node, x, ...own);
  });
}
