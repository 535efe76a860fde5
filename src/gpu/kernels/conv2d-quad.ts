import wgsl from '../../../shaders/conv2d-quad.wgsl?raw';
import { type Candidate, ceilDiv, channelBlocks, type KernelContext, tensor } from '../kernel';
import { defineShader } from '../shader';
import { hasConstantWeights, packWeights, slidingWindow } from './conv2d-shared';
import { packBias } from './epilogue';

const shader = defineShader('conv2d-quad', wgsl);
/** What a quad makes, as the shader is written. */
const PIXELS = 16;
const BLOCKS = 4;

/** Any window in one group, by quads that share what they load. */
export function conv2dQuad(context: KernelContext<'conv2d'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  const [x, weight, bias] = inputs;
  const [y] = outputs;
  if (!device.subgroups || node.attributes.groups !== 1 || !hasConstantWeights(context)) return [];
  const [outChannels, inChannels] = weight.shape;
  const inBlocks = channelBlocks(inChannels);
  const outBlocks = channelBlocks(outChannels);
  const packedBias = packBias(bias, outBlocks);
  const { constants, bind, params, window } = slidingWindow(context, packedBias);
  // SwiftShader runs one quad after the other, and would compute those of a workgroup that lie outside.
  const quads = device.software ? 1 : 16;
  return [
    {
      kernel: 'conv2d-quad',
      setting: `${PIXELS}×${4 * BLOCKS}`,
      dispatches: [
        {
          shader,
          constants: { ...constants, WORKGROUP_Y: quads },
          bind: {
            x: tensor(x),
            weight: packWeights(weight, 4 * inBlocks, outBlocks),
            bias: packedBias,
            y: tensor(y),
            ...bind,
          },
          params: { ...params, ...window, in_blocks: inBlocks, out_blocks: outBlocks, out_channels: outChannels },
          workgroups: [ceilDiv(outBlocks, BLOCKS), ceilDiv(params.rows * y.shape[3], PIXELS * quads), 1],
        },
      ],
    },
  ];
}
