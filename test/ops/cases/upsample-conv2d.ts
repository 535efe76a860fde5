import type { OperatorAttributes } from '../../../src/operators';
import { NO_ACTIVATION } from '../../../src/operators/epilogue';
import type { Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

type Attributes = OperatorAttributes['upsample-conv2d'];

/** Both ways to double a picture `[N, A, H, W]`, with a skip connection of so many channels. */
function doubled(
  name: string,
  low: Shape | Tensor,
  skipChannels: number,
  outChannels: number,
  {
    kernel = [3, 3],
    activation = NO_ACTIVATION,
    ...extra
  }: Partial<KernelCase<'upsample-conv2d'>> & { kernel?: Shape; activation?: Attributes['activation'] } = {},
): KernelCase<'upsample-conv2d'>[] {
  const [batch, channels, height, width] = 'data' in low ? low.shape : low;
  const skip = skipChannels > 0 ? [[batch, skipChannels, 2 * height, 2 * width]] : [];
  return (['nearest', 'linear'] as const).map((mode) => ({
    op: 'upsample-conv2d' as const,
    name: `${mode}, ${name}`,
    inputs: [low, [outChannels, channels + skipChannels, ...kernel], [outChannels], ...skip],
    ...extra,
    attributes: { mode, activation },
  }));
}

/**
 * A picture with NaN away from its edges, where linear interpolation gives a neighbour weight zero. It has no infinity:
 * kernels add weights up at load, so that opposite infinities, whose sum is NaN, may stay infinite.
 */
function withNaN(): Tensor {
  const x = new Random(3).tensor([1, 6, 6, 7]);
  x.data[2 * 7 + 3] = Number.NaN;
  x.data[42 + 3 * 7 + 4] = Number.NaN;
  return x;
}

/** All have nine output channels or more, so that they share pipelines: some drivers take seconds to compile one. */
export const cases: readonly KernelCase<'upsample-conv2d'>[] = [
  ...doubled('sizes that no tile divides, beside a skip', [2, 5, 3, 5], 3, 10),
  ...doubled('without a skip', [1, 6, 4, 3], 0, 9),
  ...doubled('one pixel', [1, 4, 1, 1], 4, 12),
  ...doubled('one row', [1, 4, 1, 6], 1, 9),
  ...doubled('one column', [1, 4, 6, 1], 1, 9),
  ...doubled('more channels than a tile has', [1, 20, 5, 9], 9, 36),
  ...doubled('sums of many channels, shared out', [1, 70, 2, 3], 24, 36),
  ...doubled('a skip with more channels than the picture has', [1, 3, 3, 4], 70, 9),
  ...doubled('a window of 5×1', [1, 6, 4, 5], 2, 10, { kernel: [5, 1] }),
  ...doubled('NaN reaches the outputs that see it, no others', withNaN(), 2, 9),
  ...doubled('weights and bias that the graph computes', [1, 6, 3, 4], 2, 9, { constants: [] }),
  ...doubled('more pixels than a grid is long', [1, 6, 45, 5], 2, 10, { workgroupLimit: 8 }),
  // One case is enough: the activation only sees the sum.
  doubled('an activation that maps zero to a half leaves padding lanes zero', [1, 6, 3, 5], 6, 10, {
    activation: { fn: 'sigmoid', alpha: 0, beta: 0 },
  })[0],
];
