import type { OperatorAttributes } from '../../../src/operators';
import { NO_ACTIVATION, NO_EPILOGUE } from '../../../src/operators/epilogue';
import type { Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

type Attributes = OperatorAttributes['conv-transpose2d'];

const plain: Attributes = {
  ...NO_EPILOGUE,
  stride: [1, 1],
  dilation: [1, 1],
  padding: [0, 0, 0, 0],
  outputPadding: [0, 0],
  groups: 1,
};

/** A case from the shapes of x and of the weights `[C, O/groups, KH, KW]`; the bias follows from them. */
function transposed(
  name: string,
  x: Shape | Tensor,
  weight: Shape,
  attributes: Partial<Attributes> = {},
  residual?: Shape,
): KernelCase<'conv-transpose2d'> {
  const outChannels = weight[1] * (attributes.groups ?? 1);
  const inputs = [x, weight, [outChannels], ...(residual ? [residual] : [])];
  return { name, op: 'conv-transpose2d', attributes: { ...plain, ...attributes }, inputs };
}

const relu = { ...NO_ACTIVATION, fn: 'relu' } as const;
const upsampling = { stride: [2, 2] } as const;

const withSpecials = new Random(3).tensor([1, 6, 2, 5]);
withSpecials.data[3] = Number.NaN;
withSpecials.data[17] = Infinity;

export const cases: readonly KernelCase<'conv-transpose2d'>[] = [
  transposed('2×2 with stride 2, as decoders use it', [2, 5, 3, 7], [5, 9, 2, 2], upsampling),
  transposed('3×3 with stride 2, padding and output padding', [1, 6, 4, 5], [6, 10, 3, 3], {
    ...upsampling,
    padding: [1, 1, 1, 1],
    outputPadding: [1, 1],
  }),
  transposed('4×4 with stride 2 and padding', [1, 8, 4, 5], [8, 3, 4, 4], { ...upsampling, padding: [1, 1, 1, 1] }),
  transposed('stride 1', [1, 5, 4, 6], [5, 6, 3, 3]),
  transposed('a stride larger than the kernel', [1, 5, 3, 4], [5, 6, 2, 2], { stride: [3, 4], outputPadding: [1, 2] }),
  transposed('dilation and asymmetric padding', [1, 4, 6, 7], [4, 5, 3, 2], {
    stride: [2, 3],
    dilation: [3, 2],
    padding: [2, 1, 0, 3],
  }),
  transposed('one pixel and one channel', [1, 1, 1, 1], [1, 1, 1, 1]),
  transposed('17 channels to 3', [1, 17, 2, 3], [17, 3, 2, 2], upsampling),
  transposed('two groups of whole blocks', [1, 16, 3, 4], [16, 4, 2, 2], { ...upsampling, groups: 2 }),
  transposed('three groups of two channels', [1, 6, 3, 4], [6, 3, 3, 3], { ...upsampling, groups: 3 }),
  transposed('as many groups as channels', [1, 5, 3, 4], [5, 1, 3, 3], { ...upsampling, groups: 5 }),
  transposed(
    'residual before the activation',
    [1, 6, 2, 5],
    [6, 10, 2, 2],
    { ...upsampling, activation: relu, residual: 'before-activation' },
    [1, 10, 4, 10],
  ),
  transposed(
    'residual after the activation',
    [1, 6, 2, 5],
    [6, 10, 2, 2],
    { ...upsampling, activation: relu, residual: 'after-activation' },
    [1, 10, 4, 10],
  ),
  transposed('an activation that maps zero to a half leaves padding lanes zero', [1, 6, 2, 5], [6, 5, 2, 2], {
    ...upsampling,
    activation: { fn: 'sigmoid', alpha: 0, beta: 0 },
  }),
  transposed('NaN and infinity reach the outputs that see them, and no others', withSpecials, [6, 5, 2, 2], upsampling),
  { ...transposed('more pixels than a grid is long', [2, 5, 40, 9], [5, 9, 2, 2], upsampling), workgroupLimit: 13 },
  { ...transposed('weights and bias that the graph computes', [1, 6, 2, 5], [6, 5, 2, 2], upsampling), constants: [] },
];
