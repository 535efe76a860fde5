import type { UnaryAttributes, UnaryFunction } from './unary';

/** The activations that convolution, transposed convolution and dense can apply to their result before it is stored. */
// biome-ignore format: a list to scan
export const FUSABLE_ACTIVATIONS = [
  'identity', 'relu', 'relu6', 'leaky-relu', 'sigmoid', 'hard-sigmoid', 'tanh', 'hard-swish', 'silu', 'clip',
] as const satisfies readonly UnaryFunction[];
export type FusableActivation = (typeof FUSABLE_ACTIVATIONS)[number];
export interface Activation extends UnaryAttributes {
  readonly fn: FusableActivation;
}

/** Where the fourth input, if there is one, is added: `act(x + r)` or `act(x) + r`. */
export const RESIDUALS = ['none', 'before-activation', 'after-activation'] as const;

/** The last steps before the sum is stored: bias, then residual and activation in the order named. */
export interface Epilogue {
  readonly activation: Activation;
  readonly residual: (typeof RESIDUALS)[number];
}

export const NO_ACTIVATION: Activation = { fn: 'identity', alpha: 0, beta: 0 };
export const NO_EPILOGUE: Epilogue = { activation: NO_ACTIVATION, residual: 'none' };
