import wgsl from '../../../shaders/conv2d-naive.wgsl?raw';
import { type Candidate, channelBlocks, grid1d, type KernelContext, tensor, view } from '../kernel';
import { defineShader } from '../shader';
import { epilogue, repetitionOf } from './epilogue';

const shader = defineShader('conv2d-naive', wgsl);
const WORKGROUP = 64;

/** Any convolution, whether or not its weights are known at load; the baseline. */
export function conv2dNaive({ node, inputs, outputs: [y], device }: KernelContext<'conv2d'>): Candidate[] {
  const [x, weight, bias, residual] = inputs;
  const { attributes } = node;
  const [outChannels, groupIn, kernelHeight, kernelWidth] = weight.shape;
  const [batch, , outHeight, outWidth] = y.shape;
  const tail = epilogue(attributes, residual, tensor(bias));
  const size = batch * outHeight * outWidth * channelBlocks(outChannels);
  return [
    {
      kernel: 'conv2d-naive',
      setting: '',
      dispatches: [
        {
          shader,
          constants: { ...tail.constants, WORKGROUP },
          bind: {
            x: tensor(x),
            weight: tensor(weight),
            bias: tensor(bias),
            y: tensor(y),
            ...tail.bind,
          },
          params: {
            x: view(x),
            y: view(y),
            weight_offset: weight.offset,
            bias_offset: bias.offset,
            size,
            in_height: x.shape[2],
            in_width: x.shape[3],
            out_height: outHeight,
            out_width: outWidth,
            out_channels: outChannels,
            group_in: groupIn,
            group_out: outChannels / attributes.groups,
            kernel: [kernelHeight, kernelWidth],
            stride: attributes.stride,
            dilation: attributes.dilation,
            padding: attributes.padding.slice(0, 2),
            ...tail.params,
            repetition: repetitionOf(residual, y),
          },
          workgroups: grid1d(size, WORKGROUP, device),
        },
      ],
    },
  ];
}
