import { profileOf } from '../../../src/gpu/adapter-profile';
import type { OperatorAttributes } from '../../../src/operators';
import { NO_ACTIVATION, NO_EPILOGUE } from '../../../src/operators/epilogue';
import type { Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

type Attributes = OperatorAttributes['conv2d'];

const plain: Attributes = { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 };

/** A case from the shapes of x and of the weights; the bias and, if asked for, the residual follow from them. */
function conv(
  name: string,
  x: Shape | Tensor,
  weight: Shape,
  attributes: Partial<Attributes> = {},
  residual?: Shape,
): KernelCase<'conv2d'> {
  const inputs = [x, weight, [weight[0]], ...(residual ? [residual] : [])];
  return { name, op: 'conv2d', attributes: { ...plain, ...attributes }, inputs };
}

const relu = { ...NO_ACTIVATION, fn: 'relu' } as const;
const pad1 = { padding: [1, 1, 1, 1] } as const;

/** A picture with NaN and both infinities among ordinary numbers. */
function withSpecials(shape: Shape): Tensor {
  const x = new Random(3).tensor(shape);
  x.data[5] = Number.NaN;
  x.data[17] = Infinity;
  x.data[40] = -Infinity;
  return x;
}

function withNaN(shape: Shape): Tensor {
  const x = new Random(3).tensor(shape);
  x.data[5] = Number.NaN;
  return x;
}

const activations: readonly Attributes['activation'][] = [
  { fn: 'relu', alpha: 0, beta: 0 },
  { fn: 'relu6', alpha: 0, beta: 0 },
  { fn: 'clip', alpha: 0.25, beta: 0.75 },
  { fn: 'leaky-relu', alpha: 0.1, beta: 0 },
  { fn: 'sigmoid', alpha: 0, beta: 0 },
  { fn: 'silu', alpha: 1, beta: 0 },
  { fn: 'hard-sigmoid', alpha: 0.2, beta: 0.5 },
  { fn: 'hard-swish', alpha: 0, beta: 0 },
  { fn: 'tanh', alpha: 0, beta: 0 },
];

/** A shape for each family of kernels, for the cases of the epilogue: x, weights, attributes and output. */
const families: readonly (readonly [string, Shape, Shape, Partial<Attributes>, Shape])[] = [
  ['pointwise', [1, 6, 3, 7], [10, 6, 1, 1], {}, [1, 10, 3, 7]],
  ['split K', [1, 70, 1, 9], [34, 70, 1, 1], {}, [1, 34, 1, 9]],
  ['3×3', [1, 6, 4, 9], [10, 6, 3, 3], pad1, [1, 10, 4, 9]],
  ['Winograd', [1, 16, 4, 5], [18, 16, 3, 3], pad1, [1, 18, 4, 5]],
  ['tiled', [1, 6, 4, 9], [10, 6, 2, 3], { stride: [1, 2] }, [1, 10, 3, 4]],
  ['stem', [1, 3, 4, 9], [18, 3, 3, 3], { ...pad1, stride: [2, 2] }, [1, 18, 2, 5]],
  ['depthwise', [1, 6, 4, 9], [6, 1, 3, 3], { ...pad1, groups: 6 }, [1, 6, 4, 9]],
];

const gpu = profileOf({ software: false, subgroups: false });
const intel = profileOf({ vendor: 'intel', software: false, subgroups: false });
/** As of Intel's GPUs, but with the subgroups that there are. */
const inSubgroups = (smallestSubgroup: number | undefined) =>
  profileOf({ vendor: 'intel', software: false, subgroups: smallestSubgroup !== undefined, smallestSubgroup });

/** Convolutions whose sums several invocations share, which software adapters never choose: a row of taps at once, or one. */
const shared: readonly KernelCase<'conv2d'>[] = [
  conv('sums that 16 invocations share', [2, 66, 3, 5], [35, 66, 3, 3], pad1),
  conv('sums that 16 invocations share, stride 2', [1, 70, 5, 11], [34, 70, 3, 3], { ...pad1, stride: [2, 2] }),
  conv('sums that 4 invocations share, asymmetric', [1, 18, 6, 9], [10, 18, 3, 3], {
    stride: [2, 1],
    padding: [0, 2, 1, 3],
  }),
  conv('sums that 2 invocations share, over many tiles', [1, 9, 9, 18], [70, 9, 3, 3], pad1),
  conv('sums that invocations share, any window', [1, 18, 9, 11], [6, 18, 5, 2], {
    stride: [3, 2],
    dilation: [1, 3],
    padding: [2, 1, 1, 2],
  }),
  conv('sums of many pixels, which nothing shares', [2, 3, 21, 23], [150, 3, 1, 2], {}),
  conv(
    'sums of an odd number of input blocks, residual after the activation',
    [1, 20, 3, 5],
    [7, 20, 2, 2],
    { ...pad1, activation: relu, residual: 'after-activation' },
    [1, 7, 4, 6],
  ),
  conv('sums that invocations share, 1×1 with stride 2', [1, 40, 7, 8], [9, 40, 1, 1], { stride: [2, 2] }),
  ...(['before-activation', 'after-activation'] as const).map((residual) =>
    conv(
      `sums that invocations share, residual ${residual}`,
      [1, 22, 3, 6],
      [13, 22, 3, 3],
      { ...pad1, activation: relu, residual },
      [1, 13, 3, 6],
    ),
  ),
];

export const cases: readonly KernelCase<'conv2d'>[] = [
  ...shared.map((one) => ({ ...one, name: `${one.name}, as on a GPU`, profile: gpu })),
  // Windows that fewest kernels take, as each is compiled anew for a subgroup size.
  ...shared
    .filter(({ name }) => /any window|many pixels|odd number/.test(name))
    .map((one) => ({
      ...one,
      name: `${one.name}, as on GPUs whose subgroups have a size to ask for`,
      profile: inSubgroups,
    })),
  // There each tap is a turn of its own.
  ...shared.slice(0, 3).map((one) => ({ ...one, name: `${one.name}, as on Intel’s GPUs`, profile: intel })),
  conv('sizes that no tile divides', [2, 5, 7, 9], [6, 5, 3, 3], pad1),
  conv('stride, dilation and asymmetric padding', [1, 4, 11, 10], [8, 4, 3, 3], {
    stride: [2, 1],
    dilation: [1, 2],
    padding: [0, 1, 2, 3],
  }),
  conv('a 3×3 kernel with asymmetric padding', [1, 8, 6, 5], [9, 8, 3, 3], { padding: [2, 0, 1, 3] }),
  conv('more padding than the kernel covers', [1, 5, 3, 3], [5, 5, 3, 3], { padding: [4, 5, 4, 5] }),
  conv('one pixel and one channel', [1, 1, 1, 1], [1, 1, 1, 1]),
  conv('a 3×3 kernel over one pixel', [1, 6, 1, 1], [5, 6, 3, 3], pad1),
  conv('a kernel as large as the picture', [2, 5, 4, 6], [7, 5, 4, 6]),
  conv('large strides and dilation', [1, 5, 23, 29], [6, 5, 3, 2], { stride: [5, 7], dilation: [4, 6] }),
  ...[1, 2, 3, 4].map((channels) =>
    conv(`a picture of ${channels} channels`, [1, channels, 9, 11], [17, channels, 3, 3], { ...pad1, stride: [2, 2] }),
  ),
  ...[1, 3, 5, 6, 11, 16, 17, 22, 28, 32].map((channels) =>
    conv(`1×1 over ${channels} channels`, [2, channels, 3, 5], [channels + 1, channels, 1, 1]),
  ),
  conv('1×1 over more pixels and channels than a tile has', [1, 36, 9, 9], [72, 36, 1, 1]),
  // Weights that stay while pixels pass are loaded once for 288 of them.
  conv('1×1, many channels to few', [1, 262, 3, 5], [30, 262, 1, 1], { activation: relu }),
  conv(
    '1×1, sums shared by invocations of eight pixels',
    [1, 66, 6, 11],
    [250, 66, 1, 1],
    { residual: 'before-activation' },
    [1, 250, 6, 11],
  ),
  conv('1×1 over few channels of many pixels', [2, 10, 13, 23], [21, 10, 1, 1], { activation: relu }),
  conv('1×1 with stride 2', [1, 6, 7, 8], [9, 6, 1, 1], { stride: [2, 2] }),
  conv('1×1 with padding', [1, 6, 3, 4], [9, 6, 1, 1], pad1),
  conv('3×3 over more channels than a tile has', [1, 20, 9, 18], [36, 20, 3, 3], pad1),
  conv('3×3 over 17 channels, an odd picture and two images', [2, 17, 5, 7], [18, 17, 3, 3], pad1),
  ...[16, 32].map((channels) =>
    conv(`3×3 to ${channels} channels over a picture of many tiles`, [1, 16, 26, 25], [channels, 16, 3, 3], pad1),
  ),
  // Large enough for a register tile of quads other than the usual one.
  conv('3×3 over and to 32 channels of many pixels', [1, 32, 26, 25], [32, 32, 3, 3], pad1),
  conv('3×3 to 32 channels over many pixels', [1, 16, 32, 31], [32, 16, 3, 3], pad1),
  conv('3×3 to 48 channels over many pixels', [1, 16, 36, 35], [48, 16, 3, 3], pad1),
  conv('3×3 over many channels of 6×6 pixels', [1, 68, 6, 6], [45, 68, 3, 3], pad1),
  conv('3×3 over many channels of 2×2 pixels', [1, 76, 2, 2], [45, 76, 3, 3], pad1),
  conv('3×3 to many channels of 9 tiles', [1, 64, 12, 11], [142, 64, 3, 3], pad1),
  conv('3×3 to many channels of 4 tiles', [1, 36, 8, 7], [93, 36, 3, 3], pad1),
  conv('3×3 over 16 channels without padding', [1, 16, 3, 4], [16, 16, 3, 3]),
  conv('two groups of whole blocks', [1, 16, 5, 6], [16, 8, 3, 3], { ...pad1, groups: 2 }),
  conv('three groups of three channels', [1, 9, 5, 6], [6, 3, 3, 3], { ...pad1, groups: 3 }),
  conv('two groups whose outputs are no whole blocks', [1, 8, 5, 6], [6, 4, 1, 1], { groups: 2 }),
  conv('depthwise, stride 1', [2, 17, 5, 9], [17, 1, 3, 3], { ...pad1, groups: 17 }),
  conv('depthwise, stride 2', [1, 6, 9, 13], [6, 1, 3, 3], { padding: [0, 0, 1, 1], stride: [2, 2], groups: 6 }),
  conv('depthwise, stride 2, last column unseen', [1, 6, 7, 5], [6, 1, 3, 3], {
    padding: [1, 1, 0, 0],
    stride: [2, 2],
    groups: 6,
  }),
  // A strip of invocations that walk down a picture is 24 rows long.
  conv('depthwise over more rows than a strip has', [2, 6, 25, 7], [6, 1, 3, 3], { ...pad1, groups: 6 }),
  conv('depthwise, stride 2, over more rows than a strip has', [2, 18, 51, 6], [18, 1, 3, 3], {
    padding: [1, 0, 0, 1],
    stride: [2, 2],
    groups: 18,
  }),
  conv('depthwise 3×3 with more padding than the kernel covers', [1, 5, 3, 4], [5, 1, 3, 3], {
    padding: [4, 5, 3, 4],
    groups: 5,
  }),
  conv('depthwise 3×3 with strides that differ', [1, 5, 9, 8], [5, 1, 3, 3], { ...pad1, stride: [2, 1], groups: 5 }),
  conv(
    'depthwise, stride 2, residual before the activation',
    [1, 6, 9, 7],
    [6, 1, 3, 3],
    { ...pad1, stride: [2, 2], groups: 6, activation: relu, residual: 'before-activation' },
    [1, 6, 5, 4],
  ),
  conv('depthwise, stride 3', [1, 5, 9, 13], [5, 1, 3, 3], { ...pad1, stride: [3, 3], groups: 5 }),
  conv('depthwise 5×5', [1, 8, 7, 6], [8, 1, 5, 5], { padding: [2, 2, 2, 2], groups: 8 }),
  conv('depthwise 5×5, stride 2', [1, 6, 9, 13], [6, 1, 5, 5], { padding: [2, 2, 2, 2], groups: 6, stride: [2, 2] }),
  conv('depthwise 7×3 with dilation', [1, 5, 13, 11], [5, 1, 7, 3], {
    dilation: [1, 3],
    padding: [3, 3, 3, 3],
    groups: 5,
  }),
  conv('depthwise with two filters for each channel', [1, 5, 6, 7], [10, 1, 3, 3], { ...pad1, groups: 5 }),
  ...families.flatMap(([family, x, weight, attributes, y]) => [
    conv(
      `${family}: residual before the activation`,
      x,
      weight,
      {
        ...attributes,
        activation: relu,
        residual: 'before-activation',
      },
      y,
    ),
    conv(
      `${family}: residual after the activation`,
      x,
      weight,
      {
        ...attributes,
        activation: relu,
        residual: 'after-activation',
      },
      y,
    ),
    conv(`${family}: an activation that maps zero to a half leaves padding lanes zero`, x, weight, {
      ...attributes,
      activation: { fn: 'sigmoid', alpha: 0, beta: 0 },
    }),
  ]),
  conv(
    '1×1: a residual of half the size, each pixel added to four',
    [2, 6, 4, 6],
    [10, 6, 1, 1],
    { activation: relu, residual: 'before-activation' },
    [2, 10, 2, 3],
  ),
  conv(
    'split K: a residual of a third of the width after the activation',
    [2, 70, 2, 9],
    [34, 70, 1, 1],
    { activation: relu, residual: 'after-activation' },
    [2, 34, 2, 3],
  ),
  conv(
    '3×3: a residual of one pixel',
    [1, 6, 4, 9],
    [10, 6, 3, 3],
    { ...pad1, residual: 'before-activation' },
    [1, 10, 1, 1],
  ),
  // Not for Winograd, whose sums and differences turn an infinity into NaN in its whole 2×2 tile.
  ...families
    .filter(([family]) => family !== 'Winograd')
    .map(([family, x, weight, attributes]) =>
      conv(
        `${family}: NaN and infinity reach the outputs that see them, no others`,
        withSpecials(x),
        weight,
        attributes,
      ),
    ),
  conv('a fused relu leaves infinity and NaN what they are', withSpecials([1, 6, 4, 4]), [7, 6, 1, 1], {
    activation: relu,
  }),
  ...activations.map((activation) =>
    conv(`a fused ${activation.fn} keeps NaN`, withNaN([1, 6, 4, 4]), [7, 6, 1, 1], { activation }),
  ),
  conv('a fused clip without bounds changes nothing', withSpecials([1, 6, 4, 4]), [7, 6, 1, 1], {
    activation: { fn: 'clip', alpha: -Infinity, beta: Infinity },
  }),
  ...activations.map((activation) =>
    conv(`fused ${activation.fn}`, [1, 5, 3, 5], [5, 1, 1, 2], { activation, groups: 5 }),
  ),
  ...families.map(([family, [batch, channels, , width], weight, attributes, [, outputs, , outWidth]]) => ({
    ...conv(`${family}: more pixels than a grid is long`, [batch, channels, 90, width], weight, attributes),
    // A grid of the naive kernel's workgroups, of 64 invocations each, that is longer than wide needs that many.
    workgroupLimit: Math.ceil(Math.sqrt((90 * outWidth * Math.ceil(outputs / 4)) / 64)) + 1,
  })),
  {
    ...conv('weights and bias that the graph computes', [1, 6, 5, 5], [7, 6, 3, 3], pad1),
    constants: [],
  },
];
