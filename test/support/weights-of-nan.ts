import type { OperatorAttributes } from '../../src/operators';
import { NO_EPILOGUE } from '../../src/operators/epilogue';
import type { Shape, Tensor } from '../../src/tensor';
import type { KernelCase } from './kernel-case';
import { Random } from './random';

/** Padding is left out of a sum: a weight of NaN or infinity that lies on it changes nothing. */

function damaged(shape: Shape): Tensor {
  const weight = new Random(4).tensor(shape);
  weight.data[0] = Number.NaN;
  weight.data[weight.size - 1] = Infinity;
  return weight;
}

const window: OperatorAttributes['conv2d'] = {
  ...NO_EPILOGUE,
  stride: [1, 1],
  dilation: [1, 1],
  padding: [1, 1, 1, 1],
  groups: 1,
};

function conv(name: string, x: Shape, weight: Shape, more: Partial<typeof window> = {}): KernelCase<'conv2d'> {
  const inputs = [x, damaged(weight), [weight[0]]];
  return {
    name: `${name}, a weight of NaN and one of infinity`,
    op: 'conv2d',
    attributes: { ...window, ...more },
    inputs,
  };
}

export const WEIGHTS_OF_NAN: readonly KernelCase[] = [
  conv('3×3', [1, 6, 4, 9], [10, 6, 3, 3]),
  conv('as many channels as Winograd takes', [1, 16, 4, 5], [18, 16, 3, 3]),
  conv('1×1 with padding', [1, 6, 3, 7], [10, 6, 1, 1]),
  conv('of a picture', [1, 3, 4, 9], [18, 3, 3, 3], { stride: [2, 2] }),
  conv('depthwise', [1, 6, 4, 9], [6, 1, 3, 3], { groups: 6 }),
  {
    name: 'a weight of NaN and one of infinity',
    op: 'separable-conv2d',
    attributes: { depthwise: { ...window, groups: 6 }, pointwise: { ...window, padding: [0, 0, 0, 0] } },
    inputs: [[1, 6, 4, 9], damaged([6, 1, 3, 3]), [6], [5, 6, 1, 1], [5]],
  } satisfies KernelCase<'separable-conv2d'>,
  {
    name: 'a weight of NaN and one of infinity',
    op: 'separable-expand',
    attributes: {
      separable: { depthwise: { ...window, groups: 6 }, pointwise: { ...window, padding: [0, 0, 0, 0] } },
      expand: { ...window, padding: [0, 0, 0, 0] },
    },
    inputs: [[1, 6, 4, 9], damaged([6, 1, 3, 3]), [6], [5, 6, 1, 1], [5], [7, 5, 1, 1], [7]],
  } satisfies KernelCase<'separable-expand'>,
  {
    name: 'a weight of NaN and one of infinity',
    op: 'squeeze-excite',
    attributes: { activations: [window.activation, window.activation] },
    inputs: [[1, 6, 3, 4], damaged([5, 6, 1, 1]), [5], [7, 5, 1, 1], [7]],
  } satisfies KernelCase<'squeeze-excite'>,
  {
    name: 'a weight of NaN and one of infinity',
    op: 'shortcut-conv2d',
    attributes: { pool: [2, 2], stride: [2, 2], activation: window.activation },
    inputs: [[1, 6, 4, 5], damaged([7, 6, 3, 3]), [7], [1, 3, 8, 10], damaged([7, 3, 1, 1])],
  } satisfies KernelCase<'shortcut-conv2d'>,
  {
    name: 'a weight of NaN and one of infinity',
    op: 'conv-transpose2d',
    attributes: { ...window, padding: [0, 0, 0, 0], outputPadding: [0, 0], stride: [2, 2] },
    inputs: [[1, 4, 4, 5], damaged([4, 6, 3, 3]), [6]],
  } satisfies KernelCase<'conv-transpose2d'>,
];
