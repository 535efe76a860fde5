import type { Epilogue } from '../operators/epilogue';
import type { Tensor } from '../tensor';
import { unaryFunction } from './unary';

/** Adds the residual and applies the activation to float64 sums, in the order that the node names. */
export function applyEpilogue(sums: Float64Array, residual: Tensor | undefined, epilogue: Epilogue): Float64Array {
  const activate = unaryFunction(epilogue.activation);
  if (!residual) return sums.map(activate);
  return epilogue.residual === 'before-activation'
    ? sums.map((sum, i) => activate(sum + residual.data[i]))
    : sums.map((sum, i) => activate(sum) + residual.data[i]);
}
