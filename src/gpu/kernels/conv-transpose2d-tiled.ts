import wgsl from '../../../shaders/conv-transpose2d-tiled.wgsl?raw';
import {
  type Candidate,
  ceilDiv,
  channelBlocks,
  type KernelContext,
  type Operand,
  type TensorDesc,
  tensor,
} from '../kernel';
import { defineShader } from '../shader';
import { hasConstantWeights, orderTiles, paddedBlocks, slidingWindow, tileName, workgroups64 } from './conv2d-shared';
import { packBias } from './epilogue';

const shader = defineShader('conv-transpose2d-tiled', wgsl);
const TILES = [
  { pixels: 4, blocks: 2 },
  { pixels: 4, blocks: 1 },
];

/**
 * Weights `[C, O/groups, KH, KW]` as `[KH, KW, lanes, O/4]` vec4 of four output channels, with zeros up to `outBlocks`
 * vec4s of outputs and `lanes` inputs of a group.
 */
function packTransposed(weight: TensorDesc, groups: number, lanes: number, outBlocks: number): Operand {
  const [inChannels, groupOut, kernelHeight, kernelWidth] = weight.shape;
  const taps = kernelHeight * kernelWidth;
  const groupIn = inChannels / groups;
  return {
    kind: 'constant',
    key: `${weight.value}/transposed×${lanes}×${outBlocks}`,
    pack: () => {
      const data = weight.constant!.data;
      const packed = new Float32Array(taps * lanes * outBlocks * 4);
      let i = 0;
      for (let c = 0; c < inChannels; c++) {
        const firstOut = Math.floor(c / groupIn) * groupOut;
        for (let o = firstOut; o < firstOut + groupOut; o++) {
          for (let tap = 0; tap < taps; tap++) packed[(tap * lanes + (c % groupIn)) * outBlocks * 4 + o] = data[i++];
        }
      }
      return packed;
    },
  };
}

/** Any window, and groups whose channels are multiples of four: register tiles of pixels that use the same taps. */
export function convTranspose2dTiled(context: KernelContext<'conv-transpose2d'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  const [x, weight, bias] = inputs;
  const [y] = outputs;
  const { groups, stride } = node.attributes;
  const [inChannels, groupOut] = weight.shape;
  const groupIn = inChannels / groups;
  if (!hasConstantWeights(context)) return [];
  if (groups > 1 && (groupIn % 4 !== 0 || groupOut % 4 !== 0)) return [];
  const [batch, outChannels, outHeight, outWidth] = y.shape;
  const rows = batch * outHeight;
  const groupInBlocks = channelBlocks(groupIn);
  const groupOutBlocks = channelBlocks(groupOut);
  const outBlocks = channelBlocks(outChannels);
  const withinGroups = TILES.filter(({ blocks }) => groups === 1 || groupOutBlocks % blocks === 0);
  return orderTiles(withinGroups, rows, outWidth, outBlocks, device).map((tile) => {
    const weightBlocks = paddedBlocks(outChannels, tile.blocks);
    const packedBias = packBias(bias, weightBlocks);
    const { constants, bind, params, window } = slidingWindow(context, packedBias);
    const runs = ceilDiv(outWidth, tile.pixels * stride[1]) * stride[1];
    const grid = workgroups64([ceilDiv(outBlocks, tile.blocks), runs, rows], device);
    return {
      kernel: 'conv-transpose2d-tiled',
      setting: tileName(tile),
      dispatches: [
        {
          shader,
          constants: { ...constants, ...grid.constants, BLOCKS: tile.blocks },
          bind: {
            x: tensor(x),
            weight: packTransposed(weight, groups, 4 * groupInBlocks, weightBlocks),
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
