import wgsl from '../../../shaders/conv2d-quad.wgsl?raw';
import { type Candidate, ceilDiv, channelBlocks, type DeviceTraits, type KernelContext, tensor } from '../kernel';
import { defineShader } from '../shader';
import { hasConstantWeights, packWeights, paddedBlocks, slidingWindow } from './conv2d-shared';
import { packBias } from './epilogue';

const shader = defineShader('conv2d-quad', wgsl);
/** Pixels that a quad makes, as the shaders are written. */
export const QUAD_PIXELS = 12;

/**
 * Whether quads may pay: on SwiftShader, where they are all there is, and on GPUs, whose tuning will tell. Other software
 * adapters would compile them for seconds.
 */
export const quadsMayPay = ({ quads, subgroups, software }: DeviceTraits): boolean =>
  Boolean(quads) || (subgroups && !software);

/** Blocks of outputs for each invocation of a quad, and how many quads make a workgroup. */
export function quadTile(outBlocks: number, device: DeviceTraits) {
  // Three blocks load less for each multiply-add, and a third would be idle where outputs are no multiple of them.
  const blocks = outBlocks % 12 === 0 ? 3 : 1;
  // SwiftShader runs one quad after the other, and would compute those of a workgroup that lie outside.
  const quads = device.software ? 1 : 16;
  return { blocks, quads, setting: `${QUAD_PIXELS}×${16 * blocks}` };
}

/** Any window in one group, by quads that share what they load. */
export function conv2dQuad(context: KernelContext<'conv2d'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  const [x, weight, bias] = inputs;
  const [y] = outputs;
  if (!quadsMayPay(device) || node.attributes.groups !== 1 || !hasConstantWeights(context)) return [];
  const [outChannels, inChannels] = weight.shape;
  const inBlocks = channelBlocks(inChannels);
  const outBlocks = channelBlocks(outChannels);
  const { blocks, quads, setting } = quadTile(outBlocks, device);
  const weightBlocks = paddedBlocks(outChannels, blocks);
  const packedBias = packBias(bias, weightBlocks);
  const { constants, bind, params, window } = slidingWindow(context, packedBias);
  return [
    {
      kernel: 'conv2d-quad',
      setting,
      dispatches: [
        {
          shader,
          constants: { ...constants, BLOCKS: blocks, WORKGROUP_Y: quads },
          bind: {
            x: tensor(x),
            weight: packWeights(weight, 4 * inBlocks, weightBlocks),
            bias: packedBias,
            y: tensor(y),
            ...bind,
          },
          params: {
            ...params,
            ...window,
            in_blocks: inBlocks,
            out_blocks: outBlocks,
            weight_blocks: weightBlocks,
            out_channels: outChannels,
          },
          workgroups: [ceilDiv(outBlocks, 4 * blocks), ceilDiv(params.rows * y.shape[3], QUAD_PIXELS * quads), 1],
        },
      ],
    },
  ];
}
