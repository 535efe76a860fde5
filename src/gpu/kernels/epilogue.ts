import type { Activation, Epilogue } from '../../graph/operators';
import { type Operand, type TensorDesc, tensor, view } from '../kernel';

/** The numbers of `activate` in the shaders, with what they make of alpha and beta. */
function activationOf({ fn, alpha, beta }: Activation): { number: number; alpha: number; beta: number } {
  switch (fn) {
    case 'identity':
      return { number: 0, alpha, beta };
    case 'relu':
      return { number: 1, alpha: 0, beta: Infinity };
    case 'relu6':
      return { number: 1, alpha: 0, beta: 6 };
    case 'clip':
      return { number: 1, alpha, beta };
    case 'leaky-relu':
      return { number: 2, alpha, beta };
    case 'sigmoid':
      return { number: 3, alpha, beta };
    case 'silu':
      return { number: 4, alpha, beta };
    case 'hard-sigmoid':
      return { number: 5, alpha, beta };
    case 'hard-swish':
      return { number: 6, alpha, beta };
    case 'tanh':
      return { number: 7, alpha, beta };
  }
}

/**
 * What every shader with an epilogue declares: overrides ACTIVATION and RESIDUAL, a variable `residual`
 * and parameters `residual` (a View), `alpha` and `beta`.
 *
 * @param placeholder bound as `residual` when there is none: some operand that the dispatch only reads
 */
export function epilogue(attributes: Epilogue, residual: TensorDesc | undefined, placeholder: Operand) {
  const { number, alpha, beta } = activationOf(attributes.activation);
  return {
    constants: {
      ACTIVATION: number,
      RESIDUAL: residual ? (attributes.residual === 'before-activation' ? 1 : 2) : 0,
    },
    bind: { residual: residual ? tensor(residual) : placeholder },
    params: { residual: residual ? view(residual) : [0, 0, 0, 0], alpha, beta },
  };
}

/** A bias `[O]` as vec4s, with zeros up to `blocks` of them. */
export function packBias(bias: TensorDesc, blocks: number): Operand {
  return {
    kind: 'constant',
    key: `${bias.value}/vec4×${blocks}`,
    pack: () => {
      const packed = new Float32Array(blocks * 4);
      packed.set(bias.constant!.data);
      return packed;
    },
  };
}

/** How often a residual's pixels are repeated along height and width: 1 where it has the output's size. */
export const repetitionOf = (residual: TensorDesc | undefined, y: TensorDesc): [rows: number, columns: number] =>
  residual ? [y.shape[2] / residual.shape[2], y.shape[3] / residual.shape[3]] : [1, 1];
