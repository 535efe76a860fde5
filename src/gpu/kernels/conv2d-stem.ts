import wgsl from '../../../shaders/conv2d-stem.wgsl?raw';
import { type Candidate, ceilDiv, channelBlocks, type KernelContext, tensor } from '../kernel';
import { defineShader } from '../shader';
import { hasConstantWeights, packWeights, paddedBlocks, slidingWindow } from './conv2d-shared';
import { packBias } from './epilogue';

const shader = defineShader('conv2d-stem', wgsl);
/** What one invocation makes, as the shader is written. */
const PIXELS = 2;
const BLOCKS = 4;
const WORKGROUP = [16, 4] as const;

/** Up to four input channels in one group. */
export function conv2dStem(context: KernelContext<'conv2d'>): Candidate[] {
  const { node, inputs, outputs } = context;
  const [x, weight, bias] = inputs;
  const [y] = outputs;
  const [outChannels, inChannels] = weight.shape;
  if (node.attributes.groups !== 1 || inChannels > 4 || !hasConstantWeights(context)) return [];
  const weightBlocks = paddedBlocks(outChannels, BLOCKS);
  const packedBias = packBias(bias, weightBlocks);
  const { constants, bind, params, window } = slidingWindow(context, packedBias);
  const [wx, wy] = WORKGROUP;
  return [
    {
      kernel: 'conv2d-stem',
      setting: '',
      dispatches: [
        {
          shader,
          constants: { ...constants, CHANNELS: inChannels, WORKGROUP_X: wx, WORKGROUP_Y: wy },
          bind: {
            x: tensor(x),
            weight: packWeights(weight, inChannels, weightBlocks),
            bias: packedBias,
            y: tensor(y),
            ...bind,
          },
          params: {
            ...params,
            ...window,
            out_blocks: channelBlocks(outChannels),
            weight_blocks: weightBlocks,
            out_channels: outChannels,
          },
          workgroups: [ceilDiv(y.shape[3], wx * PIXELS), ceilDiv(params.rows, wy), weightBlocks / BLOCKS],
        },
      ],
    },
  ];
}
