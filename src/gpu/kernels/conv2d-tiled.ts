import wgsl from '../../../shaders/conv2d-tiled.wgsl?raw';
import type { Candidate, KernelContext } from '../kernel';
import { defineShader } from '../shader';
import { groupsInBlocks, outputRows, packedConvolution, registerTiles } from './convolution';
import { packWeights } from './packing';

/** Serves transposed convolution, too. */
export const tiledShader = defineShader('conv2d-tiled', wgsl);

/** Any window, and groups whose channels are multiples of four: an implicit matrix product in register tiles. */
export function conv2dTiled(context: KernelContext<'conv2d'>): Candidate[] {
  const { node, inputs } = context;
  const [, weight] = inputs;
  const [outChannels, groupIn] = weight.shape;
  const groups = groupsInBlocks(context, groupIn, outChannels / node.attributes.groups);
  if (!groups) return [];
  return registerTiles(tiledShader, context, { ...outputRows(context), ...groups.plane }, ({ blocks }) => {
    const { bind, params, window, epilogue } = packedConvolution(context, blocks, (outBlocks) =>
      packWeights(weight, 4 * groups.params.group_in, outBlocks),
    );
    return { bind, params: { ...params, ...window, ...groups.params }, epilogue };
  });
}
