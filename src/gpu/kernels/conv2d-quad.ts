import wgsl from '../../../shaders/conv2d-quad.wgsl?raw';
import { type Candidate, ceilDiv, channelBlocks, type DeviceTraits, type KernelContext, tensor } from '../kernel';
import { defineShader } from '../shader';
import { hasConstantWeights, packWeights, paddedBlocks, slidingWindow } from './conv2d-shared';
import { packBias } from './epilogue';

const shader = defineShader('conv2d-quad', wgsl);
/** Fours of pixels that a quad makes, at most, as the shaders are written. */
const MOST_FOURS = 3;
/** What a quad makes where there are enough. */
export const QUAD_PIXELS = 4 * MOST_FOURS;

/**
 * Whether quads may pay: on SwiftShader, where they are all there is, and on GPUs, whose tuning will tell. Other software
 * adapters would compile them for seconds.
 */
export const quadsMayPay = ({ quads, subgroups, software }: DeviceTraits): boolean =>
  Boolean(quads) || (subgroups && !software);

/** How many loads take as long as the 64 multiply-adds of four pixels with a block of inputs and one of outputs. */
const LOADS_PER_PRODUCT = 1.75;

/** How many fours of pixels make a quad, so that it takes the least time to make so many with idle ones at the end. */
function quadFours(pixels: number, blocks: number): number {
  const time = (fours: number): number =>
    ceilDiv(pixels, 4 * fours) * (fours + 4 * blocks + LOADS_PER_PRODUCT * fours * blocks);
  let best = MOST_FOURS;
  for (let fours = MOST_FOURS - 1; fours > 0; fours--) if (time(fours) < time(best)) best = fours;
  return best;
}

/**
 * Blocks of outputs for each invocation of a quad, fours of pixels for each quad, and how many quads make a workgroup.
 *
 * @param pixels of the output, or tiles of it
 */
export function quadTile(outBlocks: number, pixels: number, device: DeviceTraits) {
  // Three blocks load less for each multiply-add, and a third would be idle where outputs are no multiple of them.
  const blocks = outBlocks % 12 === 0 ? 3 : 1;
  // SwiftShader runs one quad after the other, and would compute those of a workgroup that lie outside.
  const quads = device.software ? 1 : 16;
  const fours = quadFours(pixels, blocks);
  return {
    blocks,
    constants: { BLOCKS: blocks, FOURS: fours, WORKGROUP_Y: quads },
    workgroups: [ceilDiv(outBlocks, 4 * blocks), ceilDiv(pixels, 4 * fours * quads)],
    setting: `${4 * fours}×${16 * blocks}`,
  } as const;
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
  const pixels = y.shape[0] * y.shape[2] * y.shape[3];
  const { blocks, constants: tile, workgroups, setting } = quadTile(outBlocks, pixels, device);
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
          constants: { ...constants, ...tile },
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
          workgroups: [...workgroups, 1],
        },
      ],
    },
  ];
}
