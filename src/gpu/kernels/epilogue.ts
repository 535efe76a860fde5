import type { Activation, Epilogue } from '../../operators/epilogue';
import { type DispatchEpilogue, type Operand, tensor } from '../kernel';
import { type TensorDesc, view } from '../layout';

/** The cases of the shaders' `activate`, by number. */
const ACTIVATIONS: readonly (readonly Activation['fn'][])[] = [
  ['identity'],
  ['relu', 'relu6', 'clip'],
  ['leaky-relu'],
  ['sigmoid'],
  ['silu'],
  ['hard-sigmoid'],
  ['hard-swish'],
  ['tanh'],
];

/** The bounds that relu and relu6 clip to. */
const BOUNDS: Partial<Record<Activation['fn'], { readonly alpha: number; readonly beta: number }>> = {
  relu: { alpha: 0, beta: Infinity },
  relu6: { alpha: 0, beta: 6 },
};

/**
 * A node's epilogue as its shader takes it.
 *
 * @param placeholder bound as `residual` when there is none: some operand that the dispatch only reads
 * @param blocks vec4s of an output pixel, where planning may add a residual of zeros
 */
export function epilogueOf(
  { activation, residual: order }: Epilogue,
  residual: TensorDesc | undefined,
  placeholder: Operand,
  blocks?: number,
): DispatchEpilogue {
  const { alpha, beta } = BOUNDS[activation.fn] ?? activation;
  return {
    activation: ACTIVATIONS.findIndex((functions) => functions.includes(activation.fn)),
    alpha,
    beta,
    residual: residual ? (order === 'before-activation' ? 1 : 2) : 0,
    operand: residual ? tensor(residual) : placeholder,
    view: residual?.layout === 'nhwc4' ? view(residual) : [0, 0, 0, 0],
    blocks,
  };
}

/** Output pixels per residual pixel along height and width: 1 where the sizes are equal. */
export const repetitionOf = (residual: TensorDesc | undefined, y: TensorDesc): [rows: number, columns: number] =>
  residual ? [y.shape[2] / residual.shape[2], y.shape[3] / residual.shape[3]] : [1, 1];
