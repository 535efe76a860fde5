import { type Shape, sameShape, type ValueInfo } from '../tensor';
import { check, checkVector, text } from './checks';
import { type Epilogue, FUSABLE_ACTIVATIONS, RESIDUALS } from './epilogue';

/** Facts that all operators with inputs x, weight, bias and perhaps a residual share. */
export const WEIGHTED = { arity: [3, 4], words: { residual: RESIDUALS }, constants: [1, 2] } as const;

/** @param repeats whether the pixels of a residual that is smaller by whole factors are repeated */
export function checkEpilogue(
  [, , bias, residual]: readonly ValueInfo[],
  output: Shape,
  channels: number,
  epilogue: Epilogue,
  repeats = false,
): void {
  checkVector(bias.shape, channels, 'bias');
  const { fn } = epilogue.activation;
  check(FUSABLE_ACTIVATIONS.includes(fn), `activation ${fn} cannot be fused`);
  check(
    (epilogue.residual !== 'none') === (residual !== undefined),
    `residual is '${epilogue.residual}' but there are ${residual ? 4 : 3} inputs`,
  );
  if (!residual) return;
  const { shape } = residual;
  const isFraction =
    shape.length === 4 && shape.every((d, axis) => (axis < 2 ? d === output[axis] : output[axis] % d === 0));
  check(
    sameShape(shape, output) || (repeats && isFraction),
    `residual ${text(shape)} must have the output's shape ${text(output)}${repeats ? ', or a whole fraction of its height and width' : ''}`,
  );
}

/** Operations on each output. The bias starts the sum and is part of its multiply-adds. */
export const epilogueFlops = ({ activation, residual }: Epilogue): number =>
  Number(residual !== 'none') + Number(activation.fn !== 'identity');
