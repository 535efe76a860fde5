import wgsl from '../../../shaders/conv2d-tiled.wgsl?raw';
import { type Candidate, ceilDiv, channelBlocks, type KernelContext, tensor } from '../kernel';
import { defineShader } from '../shader';
import {
  hasConstantWeights,
  orderTiles,
  packWeights,
  paddedBlocks,
  slidingWindow,
  tileName,
  workgroups64,
} from './conv2d-shared';
import { packBias } from './epilogue';

const shader = defineShader('conv2d-tiled', wgsl);
const TILES = [
  { pixels: 8, blocks: 2 },
  { pixels: 4, blocks: 2 },
  { pixels: 4, blocks: 1 },
];

/** Any window, and groups whose channels are multiples of four: an implicit matrix product in register tiles. */
export function conv2dTiled(context: KernelContext<'conv2d'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  const [x, weight, bias] = inputs;
  const [y] = outputs;
  const { groups } = node.attributes;
  const [outChannels, groupChannels] = weight.shape;
  const groupOut = outChannels / groups;
  if (!hasConstantWeights(context)) return [];
  if (groups > 1 && (groupChannels % 4 !== 0 || groupOut % 4 !== 0)) return [];
  const [batch, , outHeight, outWidth] = y.shape;
  const rows = batch * outHeight;
  const groupOutBlocks = channelBlocks(groupOut);
  const groupInBlocks = channelBlocks(groupChannels);
  const outBlocks = channelBlocks(outChannels);
  const withinGroups = TILES.filter(({ blocks }) => groups === 1 || groupOutBlocks % blocks === 0);
  return orderTiles(withinGroups, rows, outWidth, outBlocks, device).map((tile) => {
    const weightBlocks = paddedBlocks(outChannels, tile.blocks);
    const packedBias = packBias(bias, weightBlocks);
    const { constants, bind, params, window } = slidingWindow(context, packedBias);
    const grid = workgroups64([ceilDiv(outBlocks, tile.blocks), ceilDiv(outWidth, tile.pixels), rows], device);
    return {
      kernel: 'conv2d-tiled',
      setting: tileName(tile),
      dispatches: [
        {
          shader,
          constants: { ...constants, ...grid.constants, PIXELS: tile.pixels, BLOCKS: tile.blocks },
          bind: {
            x: tensor(x),
            weight: packWeights(weight, 4 * groupInBlocks, weightBlocks),
            bias: packedBias,
            y: tensor(y),
            ...bind,
          },
          params: {
            ...params,
            ...window,
            group_in: groupInBlocks,
            group_out: groupOutBlocks,
            out_blocks: outBlocks,
            weight_blocks: weightBlocks,
            out_channels: outChannels,
          },
          workgroups: grid.workgroups,
        },
      ],
    };
  });
}
