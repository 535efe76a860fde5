import { profileOf } from '../../../src/gpu/adapter-profile';
import type { OperatorAttributes } from '../../../src/operators';
import { NO_ACTIVATION, NO_EPILOGUE } from '../../../src/operators/epilogue';
import { windowShape } from '../../../src/operators/window';
import type { Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

type Attributes = OperatorAttributes['separable-expand'];
type Convolution = Attributes['expand'];

const PLAIN: Convolution = { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 };
const relu6 = { activation: { ...NO_ACTIVATION, fn: 'relu6' } } as const;
const pad1 = { padding: [1, 1, 1, 1] } as const;

interface Convolutions {
  readonly depthwise?: Partial<Convolution>;
  readonly pointwise?: Partial<Convolution>;
  readonly expand?: Partial<Convolution>;
  readonly kernel?: readonly [number, number];
  readonly slopes?: true;
  /** The filters are a gate: one number for each channel. */
  readonly gate?: true;
  /** Channels of the residual; by default as many as the projection makes. */
  readonly residualChannels?: number;
}

/** A case that projects to so many channels, and expands to so many, with a 3×3 window unless another is given. */
function block(
  name: string,
  x: Shape | Tensor,
  [projected, expanded]: readonly [number, number],
  {
    depthwise = pad1,
    pointwise,
    expand,
    kernel = [3, 3],
    slopes,
    gate,
    residualChannels = projected,
  }: Convolutions = {},
): KernelCase<'separable-expand'> {
  const shape = 'data' in x ? x.shape : x;
  const channels = shape[1];
  const attributes = {
    separable: {
      depthwise: { ...PLAIN, groups: channels, ...depthwise },
      pointwise: { ...PLAIN, ...pointwise },
    },
    expand: { ...PLAIN, ...expand },
  };
  const residual = windowShape(shape, residualChannels, kernel, attributes.separable.depthwise);
  const inputs = [
    ...[x, gate ? [1, channels, 1, 1] : [channels, 1, ...kernel], [channels], [projected, channels, 1, 1], [projected]],
    ...[[expanded, projected, 1, 1], [expanded]],
    ...(attributes.separable.pointwise.residual === 'none' ? [] : [residual]),
    ...(slopes ? [[channels]] : []),
  ];
  const constants = [1, 2, 3, 4, 5, 6, ...(slopes ? [inputs.length - 1] : [])];
  return { name, op: 'separable-expand', attributes, inputs, constants };
}

/** NaN and both infinities, which only the pixels near them may see. */
function withSpecials(shape: Shape): Tensor {
  const x = new Random(3).tensor(shape);
  x.data[5] = Number.NaN;
  x.data[17] = Infinity;
  x.data[40] = -Infinity;
  return x;
}

const active = (fn: Convolution['activation']['fn']): Partial<Convolution> => ({
  activation: { fn, alpha: 0.25, beta: 0.5 },
});

const everywhere: readonly KernelCase<'separable-expand'>[] = [
  block('sizes that no tile divides', [2, 13, 5, 9], [10, 39]),
  block('one pixel and one channel', [1, 1, 1, 1], [1, 1]),
  block('an inverted residual', [1, 48, 6, 6], [24, 144], {
    depthwise: { ...pad1, ...relu6 },
    pointwise: { residual: 'before-activation' },
    expand: relu6,
  }),
  block('stride 2', [1, 20, 9, 11], [37, 50], { depthwise: { ...pad1, ...relu6, stride: [2, 2] }, expand: relu6 }),
  block('5×5 with stride 2 and fewer channels than before', [1, 10, 9, 13], [12, 7], {
    depthwise: { padding: [2, 2, 2, 2], stride: [2, 2] },
    kernel: [5, 5],
  }),
  block('7×7, asymmetric, of which nothing slides', [1, 18, 7, 6], [12, 18], {
    depthwise: { padding: [3, 2, 1, 3] },
    kernel: [7, 7],
  }),
  block('3×2 with stride and dilation', [1, 6, 12, 11], [5, 9], {
    depthwise: { stride: [3, 1], dilation: [1, 3] },
    kernel: [3, 2],
  }),
  block('few channels of many pixels, and two images', [2, 6, 19, 41], [7, 30]),
  block('as many channels as a workgroup holds, in and out', [1, 1024, 2, 3], [128, 33]),
  block('more channels than a workgroup makes', [1, 36, 3, 6], [516, 9]),
  block('NaN and infinity reach the pixels that see them', withSpecials([1, 6, 9, 8]), [5, 11]),
  block('activations that map zero to something else leave padding lanes zero', [1, 5, 3, 6], [6, 9], {
    depthwise: { ...pad1, ...active('sigmoid') },
    pointwise: active('sigmoid'),
    expand: active('sigmoid'),
  }),
  ...(
    [
      ['leaky-relu', 'silu', 'hard-swish'],
      ['hard-sigmoid', 'hard-swish', 'tanh'],
      ['tanh', 'clip', 'leaky-relu'],
    ] as const
  ).map(([first, second, third]) =>
    block(`${first}, ${second}, then ${third}`, [1, 6, 3, 5], [6, 10], {
      depthwise: { ...pad1, ...active(first) },
      pointwise: active(second),
      expand: active(third),
    }),
  ),
  block('residual after the activation', [1, 6, 3, 5], [6, 8], {
    pointwise: { ...relu6, residual: 'after-activation' },
  }),
  block('a PReLU and a residual of fewer channels', [2, 7, 4, 9], [18, 21], {
    pointwise: { residual: 'before-activation' },
    residualChannels: 7,
    slopes: true,
  }),
  {
    ...block('a gate that the graph computes', [2, 24, 3, 6], [18, 21], {
      depthwise: {},
      pointwise: { residual: 'before-activation' },
      kernel: [1, 1],
      gate: true,
    }),
    constants: [2, 3, 4, 5, 6],
  },
];

/** As of Intel's GPUs, with the subgroups that there are. */
const inSubgroups = (smallestSubgroup: number | undefined, architecture?: string) =>
  profileOf({
    vendor: 'intel',
    architecture,
    software: false,
    subgroups: smallestSubgroup !== undefined,
    smallestSubgroup,
  });

export const cases: readonly KernelCase<'separable-expand'>[] = [
  ...everywhere,
  ...[...everywhere.slice(0, 4), ...everywhere.slice(-2)].map((one) => ({
    ...one,
    name: `${one.name}, as on GPUs whose subgroups have a size to ask for`,
    profile: (smallestSubgroup: number | undefined) => inSubgroups(smallestSubgroup),
  })),
  ...everywhere.slice(2, 4).map((one) => ({ ...one, name: `${one.name}, the first output unread`, unread: [0] })),
  ...[false, true].map((isUnread) => ({
    ...block(
      `many weights on a small GPU, the first output ${isUnread ? 'unread' : 'read'}`,
      [1, 144, 9, 13],
      [30, 144],
      {
        depthwise: { ...pad1, ...relu6 },
        pointwise: { residual: 'before-activation' },
        expand: relu6,
      },
    ),
    profile: (smallestSubgroup: number | undefined) => inSubgroups(smallestSubgroup, 'gen-12lp'),
    ...(isUnread && { unread: [0] }),
  })),
  { ...block('more pixels than a grid is long', [1, 6, 25, 9], [10, 13]), workgroupLimit: 7 },
  { ...block('weights and biases that the graph computes', [1, 6, 5, 7], [9, 14]), constants: [] },
  {
    ...block('slopes that the graph computes', [1, 6, 5, 7], [9, 14], { slopes: true }),
    constants: [1, 2, 3, 4, 5, 6],
  },
];
