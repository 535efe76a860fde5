import wgsl from '../../../shaders/conv-transpose2d-naive.wgsl?raw';
import { type Candidate, channelBlocks, grid1d, type KernelContext, tensor } from '../kernel';
import { defineShader } from '../shader';
import { slidingWindow } from './conv2d-shared';

const shader = defineShader('conv-transpose2d-naive', wgsl);
const WORKGROUP = 64;

/** Any transposed convolution, whether or not its weights are known at load; the baseline. */
export function convTranspose2dNaive(context: KernelContext<'conv-transpose2d'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  const [x, weight, bias] = inputs;
  const [y] = outputs;
  const [inChannels, groupOut] = weight.shape;
  const { constants, bind, params, window } = slidingWindow(context, tensor(bias));
  const { rows, ...sliding } = params;
  const outChannels = y.shape[1];
  const size = rows * y.shape[3] * channelBlocks(outChannels);
  return [
    {
      kernel: 'conv-transpose2d-naive',
      setting: '',
      dispatches: [
        {
          shader,
          constants: { ...constants, WORKGROUP },
          bind: { x: tensor(x), weight: tensor(weight), bias: tensor(bias), y: tensor(y), ...bind },
          params: {
            ...sliding,
            ...window,
            weight_offset: weight.offset,
            bias_offset: bias.offset,
            size,
            out_channels: outChannels,
            group_in: inChannels / node.attributes.groups,
            group_out: groupOut,
          },
          workgroups: grid1d(size, WORKGROUP, device),
        },
      ],
    },
  ];
}
