import { type FusableActivation, NO_ACTIVATION } from '../../../src/operators/epilogue';
import { type Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';

/** A case with 1×1 convolutions to so many channels each, one behind the other. */
function gate(
  name: string,
  x: Shape | Tensor,
  channels: readonly number[],
  functions: readonly FusableActivation[] = ['relu', 'sigmoid'],
  addend?: Shape,
): KernelCase<'squeeze-excite'> {
  const from = [('data' in x ? x.shape : x)[1], ...channels];
  const activations = channels.map((_, i) => ({ ...NO_ACTIVATION, fn: functions[i], alpha: 0.25, beta: 0.5 }));
  const weights = channels.flatMap((count, i) => [[count, from[i], 1, 1], [count]]);
  const inputs = [x, ...weights, ...(addend ? [addend] : [])];
  return { name, op: 'squeeze-excite', attributes: { activations }, inputs, constants: weights.map((_, i) => i + 1) };
}

const specials = Tensor.float32([2, 3, 1, 3], [1, Number.NaN, 2, 0, 1, 2, 3, 4, 5, -Infinity, 0, 1, 0, 1, 2, 3, 4, 5]);

export const cases: readonly KernelCase<'squeeze-excite'>[] = [
  gate('two images, and channels that are no multiple of 4', [2, 22, 7, 5], [6, 22]),
  gate('one convolution, to more channels than a workgroup has invocations', [2, 9, 5, 7], [1030], ['sigmoid']),
  gate('one pixel and one channel', [1, 1, 1, 1], [1, 1]),
  gate('a picture that is pooled already', [1, 96, 1, 1], [24, 96]),
  gate('few channels of a larger picture', [1, 5, 31, 29], [3, 10]),
  gate('a sum of two pictures', [2, 18, 6, 9], [7, 18], ['relu', 'sigmoid'], [2, 18, 6, 9]),
  gate('more channels than a workgroup has invocations', [1, 1030, 2, 1], [3, 1030]),
  gate('more channels than its memory holds', [1, 3300, 1, 1], [5, 6]),
  gate('NaN and infinity reach all channels of their image', specials, [4, 6]),
  // Hard-sigmoid makes something of the zeros in padding lanes, which must be zero again.
  gate('hard-sigmoid, then hard-swish', [1, 6, 3, 5], [6, 10], ['hard-sigmoid', 'hard-swish']),
  gate('leaky-relu, then silu', [1, 6, 3, 5], [6, 10], ['leaky-relu', 'silu']),
  { ...gate('weights and biases that the graph computes', [2, 6, 5, 7], [4, 9]), constants: [] },
];
