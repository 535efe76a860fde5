import wgsl from '../../../shaders/conv2d-3x3.wgsl?raw';
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

const shader = defineShader('conv2d-3x3', wgsl);
const TILES = [
  { pixels: 8, blocks: 2 },
  { pixels: 4, blocks: 2 },
  { pixels: 4, blocks: 1 },
];

/** Whether a convolution is 3×3 with stride 1, dilation 1 and one group, and its weights are known at load. */
export function isPlain3x3(context: KernelContext<'conv2d'>): boolean {
  const { stride, dilation, groups } = context.node.attributes;
  const [, , kernelHeight, kernelWidth] = context.inputs[1].shape;
  const unit = [...stride, ...dilation, groups].every((v) => v === 1);
  return unit && kernelHeight === 3 && kernelWidth === 3 && hasConstantWeights(context);
}

/** 3×3 with stride 1: register tiles that use a loaded pixel for three taps. */
export function conv2d3x3(context: KernelContext<'conv2d'>): Candidate[] {
  if (!isPlain3x3(context)) return [];
  const { inputs, outputs, device } = context;
  const [x, weight, bias] = inputs;
  const [y] = outputs;
  const [outChannels, inChannels] = weight.shape;
  const [batch, , outHeight, outWidth] = y.shape;
  const rows = batch * outHeight;
  const inBlocks = channelBlocks(inChannels);
  const outBlocks = channelBlocks(outChannels);
  return orderTiles(TILES, rows, outWidth, outBlocks, device).map((tile) => {
    const weightBlocks = paddedBlocks(outChannels, tile.blocks);
    const packedBias = packBias(bias, weightBlocks);
    const { constants, bind, params } = slidingWindow(context, packedBias);
    const grid = workgroups64([ceilDiv(outBlocks, tile.blocks), ceilDiv(outWidth, tile.pixels), rows], device);
    return {
      kernel: 'conv2d-3x3',
      setting: tileName(tile),
      dispatches: [
        {
          shader,
          constants: { ...constants, ...grid.constants, PIXELS: tile.pixels, BLOCKS: tile.blocks },
          bind: {
            x: tensor(x),
            weight: packWeights(weight, 4 * inBlocks, weightBlocks),
            bias: packedBias,
            y: tensor(y),
            ...bind,
          },
          params: {
            ...params,
            in_blocks: inBlocks,
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
