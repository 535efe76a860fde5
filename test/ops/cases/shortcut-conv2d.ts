import type { OperatorAttributes } from '../../../src/operators';
import { NO_ACTIVATION } from '../../../src/operators/epilogue';
import type { Pair } from '../../../src/operators/window';
import type { Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

type Attributes = OperatorAttributes['shortcut-conv2d'];

/** A block's end over `[N, C, H, W]`, with a shortcut of so many channels that is pooled by windows of two. */
function blockEnd(
  name: string,
  x: Shape | Tensor,
  shortcut: number | Tensor,
  outChannels: number,
  {
    kernel = [3, 3],
    pool = [2, 2],
    stride = [2, 2],
    activation = NO_ACTIVATION,
    ...extra
  }: Partial<KernelCase<'shortcut-conv2d'>> & Partial<Attributes> & { kernel?: Shape } = {},
): KernelCase<'shortcut-conv2d'> {
  const [batch, channels, height, width] = 'data' in x ? x.shape : x;
  const [rows, columns] = [height, width].map((size, axis) => (size - 1) * stride[axis] + pool[axis]);
  const picture = typeof shortcut === 'number' ? [batch, shortcut, rows, columns] : shortcut;
  const added = typeof shortcut === 'number' ? shortcut : shortcut.shape[1];
  return {
    op: 'shortcut-conv2d',
    name,
    inputs: [x, [outChannels, channels, ...kernel], [outChannels], picture, [outChannels, added, 1, 1]],
    ...extra,
    attributes: { pool, stride, activation },
  };
}

/** A picture with a number that is none, and infinities. */
function withOddNumbers(shape: Shape): Tensor {
  const x = new Random(3).tensor(shape);
  x.data[9] = Number.NaN;
  x.data[30] = Number.POSITIVE_INFINITY;
  x.data[50] = Number.NEGATIVE_INFINITY;
  return x;
}

const EVERY_SECOND: { readonly pool: Pair; readonly stride: Pair } = { pool: [1, 1], stride: [2, 2] };

export const cases: readonly KernelCase<'shortcut-conv2d'>[] = [
  blockEnd('sizes that no tile divides', [2, 5, 3, 5], 3, 10),
  blockEnd('one pixel', [1, 4, 1, 1], 4, 12),
  blockEnd('one row', [1, 4, 1, 6], 1, 9),
  blockEnd('one column', [1, 4, 6, 1], 1, 9),
  blockEnd('sums of many channels, shared out', [1, 40, 4, 6], 24, 36),
  blockEnd('a shortcut with more channels than x has', [1, 3, 5, 4], 70, 9),
  blockEnd('every second pixel', [2, 6, 3, 4], 5, 9, EVERY_SECOND),
  blockEnd('a shortcut of the same size', [1, 6, 3, 4], 5, 9, { pool: [1, 1], stride: [1, 1] }),
  blockEnd('maxima of 3×2, which overlap along the rows', [1, 6, 3, 4], 5, 9, { pool: [3, 2], stride: [1, 2] }),
  blockEnd('a window of 5×1', [1, 6, 4, 5], 2, 10, { kernel: [5, 1] }),
  blockEnd('NaN and infinity reach the outputs that see them, no others', withOddNumbers([1, 6, 6, 7]), 2, 9),
  blockEnd('NaN is greater than all, and minus infinity less', [1, 4, 4, 5], withOddNumbers([1, 2, 8, 10]), 9),
  blockEnd('weights and bias that the graph computes', [1, 6, 3, 4], 2, 9, { constants: [] }),
  blockEnd('more pixels than a grid is long', [1, 6, 45, 5], 2, 10, { workgroupLimit: 8 }),
  blockEnd('an activation that maps zero to a half leaves padding lanes zero', [1, 6, 3, 5], 6, 10, {
    activation: { fn: 'sigmoid', alpha: 0, beta: 0 },
  }),
];
