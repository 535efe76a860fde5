import { profileOf } from '../../../src/gpu/adapter-profile';
import type { OperatorAttributes } from '../../../src/operators';
import { NO_ACTIVATION, NO_EPILOGUE } from '../../../src/operators/epilogue';
import { windowShape } from '../../../src/operators/window';
import type { Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

type Attributes = OperatorAttributes['separable-conv2d'];
type Convolution = Attributes['depthwise'];

const PLAIN: Convolution = { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 };
const relu6 = { activation: { ...NO_ACTIVATION, fn: 'relu6' } } as const;
const pad1 = { padding: [1, 1, 1, 1] } as const;

/** A case of so many output channels, with a 3×3 window unless another is given. */
function separable(
  name: string,
  x: Shape | Tensor,
  outChannels: number,
  depthwise: Partial<Convolution> = pad1,
  pointwise: Partial<Convolution> = {},
  kernel: readonly [number, number] = [3, 3],
): KernelCase<'separable-conv2d'> {
  const shape = 'data' in x ? x.shape : x;
  const channels = shape[1];
  const attributes = {
    depthwise: { ...PLAIN, groups: channels, ...depthwise },
    pointwise: { ...PLAIN, ...pointwise },
  };
  const y = windowShape(shape, outChannels, kernel, attributes.depthwise);
  return {
    name,
    op: 'separable-conv2d',
    attributes,
    inputs: [
      ...[x, [channels, 1, ...kernel], [channels], [outChannels, channels, 1, 1], [outChannels]],
      ...(attributes.pointwise.residual === 'none' ? [] : [y]),
    ],
  };
}

const withSlopes = (one: KernelCase<'separable-conv2d'>): KernelCase<'separable-conv2d'> => {
  const slopes = one.inputs.length;
  return { ...one, inputs: [...one.inputs, one.inputs[2]], constants: [1, 2, 3, 4, slopes] };
};

/** The residual has so many channels. */
const withResidualOf = (channels: number, one: KernelCase<'separable-conv2d'>): KernelCase<'separable-conv2d'> => ({
  ...one,
  inputs: one.inputs.map((shape, i) => (i === 5 ? (shape as Shape).with(1, channels) : shape)),
});

/** A gate that the graph computes is what filters each channel. */
const gated = (one: KernelCase<'separable-conv2d'>): KernelCase<'separable-conv2d'> => ({
  ...one,
  inputs: one.inputs.with(1, [1, one.attributes.depthwise.groups, 1, 1]),
  constants: [2, 3, 4],
});

/** A picture is added to what lies between the two. */
const withAddend = (one: KernelCase<'separable-conv2d'>): KernelCase<'separable-conv2d'> => {
  const { depthwise, pointwise } = one.attributes;
  const [x, filters] = one.inputs as readonly Shape[];
  return {
    ...one,
    attributes: { depthwise: { ...depthwise, residual: 'before-activation' }, pointwise },
    inputs: [...one.inputs, windowShape(x, x[1], [filters[2], filters[3]], depthwise)],
  };
};

const pointwiseOnly = (
  name: string,
  x: Shape,
  outChannels: number,
  pointwise: Partial<Convolution> = {},
): KernelCase<'separable-conv2d'> => separable(name, x, outChannels, {}, pointwise, [1, 1]);

/** NaN and both infinities, which only the pixels near them may see. */
function withSpecials(shape: Shape): Tensor {
  const x = new Random(3).tensor(shape);
  x.data[5] = Number.NaN;
  x.data[17] = Infinity;
  x.data[40] = -Infinity;
  return x;
}

const everywhere: readonly KernelCase<'separable-conv2d'>[] = [
  separable('sizes that no tile divides', [2, 13, 5, 9], 10),
  separable('one pixel and one channel', [1, 1, 1, 1], 1),
  separable('an inverted residual', [1, 48, 6, 6], 24, { ...pad1, ...relu6 }, { residual: 'before-activation' }),
  separable('stride 2', [1, 20, 9, 11], 37, { ...pad1, ...relu6, stride: [2, 2] }),
  separable('stride 2 along rows alone, asymmetric', [1, 7, 8, 6], 9, { padding: [0, 2, 1, 3], stride: [1, 2] }),
  separable('5×5', [1, 18, 7, 6], 12, { padding: [2, 2, 2, 2] }, {}, [5, 5]),
  separable('7×7, of which nothing slides', [1, 18, 7, 6], 12, { padding: [3, 3, 3, 3] }, {}, [7, 7]),
  separable('5×5 with stride 2', [1, 10, 9, 13], 12, { padding: [2, 2, 2, 2], stride: [2, 2] }, {}, [5, 5]),
  separable('3×2 with stride and dilation', [1, 6, 12, 11], 5, { stride: [3, 1], dilation: [1, 3] }, {}, [3, 2]),
  separable('more padding than the window covers', [1, 5, 3, 3], 6, { padding: [4, 5, 4, 5] }),
  separable('1×1 twice', [1, 9, 3, 5], 6, {}, {}, [1, 1]),
  separable('few channels of many pixels', [1, 6, 19, 41], 7),
  separable('1,024 channels, as many as a workgroup holds', [1, 1024, 2, 3], 33),
  separable('1,028 channels, more than a workgroup holds', [1, 1028, 1, 2], 9),
  separable('channels that fill no pair of blocks', [1, 36, 4, 6], 9, { ...pad1, ...relu6 }),
  separable('NaN and infinity reach the pixels that see them', withSpecials([1, 6, 9, 8]), 5),
  separable('activations that map zero to something else leave padding lanes zero', [1, 5, 3, 6], 6, {
    ...pad1,
    activation: { ...NO_ACTIVATION, fn: 'sigmoid' },
  }),
  ...(
    [
      ['leaky-relu', 'silu'],
      ['hard-sigmoid', 'hard-swish'],
      ['tanh', 'clip'],
    ] as const
  ).map(([first, second]) => {
    const [depthwise, pointwise] = [first, second].map((fn) => ({ activation: { fn, alpha: 0.25, beta: 0.5 } }));
    return separable(`${first}, then ${second}`, [1, 6, 3, 5], 6, { ...pad1, ...depthwise }, pointwise);
  }),
  separable('residual after the activation', [1, 6, 3, 5], 6, pad1, { ...relu6, residual: 'after-activation' }),
  withSlopes(separable('a PReLU between the two', [1, 18, 5, 6], 9)),
  withSlopes(separable('a PReLU and a residual', [1, 7, 4, 9], 7, pad1, { residual: 'before-activation' })),
  withResidualOf(
    5,
    separable('a residual of fewer channels', [2, 6, 3, 5], 18, pad1, { residual: 'before-activation' }),
  ),
  withResidualOf(
    8,
    separable('the same behind relu6', [1, 6, 3, 5], 9, pad1, { ...relu6, residual: 'after-activation' }),
  ),
  gated(pointwiseOnly('a gate', [2, 22, 5, 7], 9, { residual: 'before-activation' })),
  withAddend(gated(pointwiseOnly('a gate and an addend', [2, 18, 3, 9], 13, relu6))),
  withAddend(
    separable(
      'an addend behind a window',
      [1, 9, 5, 6],
      9,
      { ...pad1, ...relu6, stride: [2, 1] },
      { residual: 'before-activation' },
    ),
  ),
];

/** As of Intel's GPUs, with the subgroups that there are. */
const inSubgroups = (smallestSubgroup: number | undefined) =>
  profileOf({ vendor: 'intel', software: false, subgroups: smallestSubgroup !== undefined, smallestSubgroup });

export const cases: readonly KernelCase<'separable-conv2d'>[] = [
  ...everywhere,
  ...[...everywhere.slice(0, 3), ...everywhere.slice(-7)].map((one) => ({
    ...one,
    name: `${one.name}, as on GPUs whose subgroups have a size to ask for`,
    profile: inSubgroups,
  })),
  { ...separable('more pixels than a grid is long', [1, 6, 25, 9], 10), workgroupLimit: 7 },
  { ...separable('weights and biases that the graph computes', [1, 6, 5, 7], 9), constants: [] },
  { ...withSlopes(separable('slopes that the graph computes', [1, 6, 5, 7], 9)), constants: [1, 2, 3, 4] },
];
