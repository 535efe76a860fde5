import wgsl from '../../../shaders/conv2d-pointwise.wgsl?raw';
import { sameShape } from '../../tensor';
import { type Candidate, ceilDiv, channelBlocks, type KernelContext, type TensorDesc, tensor, view } from '../kernel';
import { defineShader } from '../shader';
import { hasConstantWeights, orderTiles, packWeights, paddedBlocks, tileName, workgroups64 } from './conv2d-shared';
import { epilogue, packBias, repetitionOf } from './epilogue';

const shader = defineShader('conv2d-pointwise', wgsl);
const TILES = [
  { pixels: 8, blocks: 2 },
  { pixels: 4, blocks: 2 },
  { pixels: 4, blocks: 1 },
];

/** Whether all pixels of a batch lie at one distance from each other, so that they can be counted in one go. */
function isOneRow({ shape: [batch, , height, width], strides: [image, , row, pixel] }: TensorDesc): boolean {
  return (height === 1 || row === width * pixel) && (batch === 1 || image === height * width * pixel);
}

/** Whether a convolution is a matrix product over pixels: 1×1, stride 1, no padding, one group, weights known. */
export function isPointwise(context: KernelContext<'conv2d'>): boolean {
  const { stride, padding, groups } = context.node.attributes;
  const [x, weight, , residual] = context.inputs;
  const [y] = context.outputs;
  const one = [...weight.shape.slice(2), ...stride, groups].every((v) => v === 1);
  const rows = [x, y, ...(residual && sameShape(residual.shape, y.shape) ? [residual] : [])].every(isOneRow);
  return one && rows && padding.every((v) => v === 0) && hasConstantWeights(context);
}

/** Operands and parameters of a matrix product over pixels, weights padded to whole tiles of `blocks`. */
export function pointwiseProduct(context: KernelContext<'conv2d'>, blocks: number) {
  const { node, inputs, outputs } = context;
  const [x, weight, bias, residual] = inputs;
  const [y] = outputs;
  const [outChannels, inChannels] = weight.shape;
  const inBlocks = channelBlocks(inChannels);
  const weightBlocks = paddedBlocks(outChannels, blocks);
  const packedBias = packBias(bias, weightBlocks);
  const { constants, bind, params } = epilogue(node.attributes, residual, packedBias);
  const repetition = repetitionOf(residual, y);
  return {
    constants: { ...constants, REPEATED: Number(repetition.some((times) => times > 1)) },
    bind: {
      x: tensor(x),
      weight: packWeights(weight, 4 * inBlocks, weightBlocks),
      bias: packedBias,
      y: tensor(y),
      ...bind,
    },
    params: {
      x: view(x),
      y: view(y),
      pixels: y.shape[0] * y.shape[2] * y.shape[3],
      in_blocks: inBlocks,
      out_blocks: channelBlocks(outChannels),
      weight_blocks: weightBlocks,
      out_channels: outChannels,
      size: y.shape.slice(2),
      repetition,
      ...params,
    },
  };
}

/** 1×1 with stride 1: a matrix product in register tiles. */
export function conv2dPointwise(context: KernelContext<'conv2d'>): Candidate[] {
  if (!isPointwise(context)) return [];
  const { device } = context;
  const { pixels, out_blocks: outBlocks } = pointwiseProduct(context, 1).params;
  return orderTiles(TILES, 1, pixels, outBlocks, device).map((tile) => {
    const { constants, bind, params } = pointwiseProduct(context, tile.blocks);
    const grid = workgroups64([ceilDiv(outBlocks, tile.blocks), ceilDiv(pixels, tile.pixels), 1], device);
    return {
      kernel: 'conv2d-pointwise',
      setting: tileName(tile),
      dispatches: [
        {
          shader,
          constants: { ...constants, ...grid.constants, PIXELS: tile.pixels, BLOCKS: tile.blocks },
          bind,
          params,
          workgroups: grid.workgroups,
        },
      ],
    };
  });
}
