import type { Candidate, KernelContext, PackedOperand } from '../kernel';
import type { TensorDesc } from '../layout';
import { tiledShader } from './conv2d-tiled';
import { groupsInBlocks, outputRows, packedConvolution, registerTiles } from './convolution';
import { packConstant } from './packing';

const PIXELS = 4;

/**
 * Weights `[C, O/groups, KH, KW]` as `[KH, KW, lanes, O/4]` vec4 of four output channels, with zeros up to `outBlocks`
 * vec4s of outputs and `lanes` inputs of a group.
 */
function packTransposed(weight: TensorDesc, groups: number, lanes: number, outBlocks: number): PackedOperand {
  const [inChannels, groupOut, kernelHeight, kernelWidth] = weight.shape;
  const taps = kernelHeight * kernelWidth;
  const groupIn = inChannels / groups;
  return packConstant(weight, `transposed×${lanes}×${outBlocks}`, taps * lanes * outBlocks * 4, (data, packed) => {
    let i = 0;
    for (let c = 0; c < inChannels; c++) {
      const firstOut = Math.floor(c / groupIn) * groupOut;
      for (let o = firstOut; o < firstOut + groupOut; o++) {
        for (let tap = 0; tap < taps; tap++) packed[(tap * lanes + (c % groupIn)) * outBlocks * 4 + o] = data[i++];
      }
    }
  });
}

/** Any window, and groups whose channels are multiples of four: register tiles of pixels that use the same taps. */
export function convTranspose2dTiled(context: KernelContext<'conv-transpose2d'>): Candidate[] {
  const { node, inputs } = context;
  const [, weight] = inputs;
  const { groups, stride } = node.attributes;
  const [inChannels, groupOut] = weight.shape;
  const inBlocks = groupsInBlocks(context, inChannels / groups, groupOut);
  if (!inBlocks) return [];
  const plane = { ...outputRows(context), ...inBlocks.plane, step: stride[1] };
  const shader = { ...tiledShader, tiles: tiledShader.tiles.filter(({ pixels }) => pixels === PIXELS) };
  const candidates = registerTiles(shader, context, plane, ({ blocks }) => {
    const { bind, params, window, epilogue } = packedConvolution(context, blocks, (outBlocks) =>
      packTransposed(weight, groups, 4 * inBlocks.params.group_in, outBlocks),
    );
    const constants = { TRANSPOSED: true };
    return { constants, bind, params: { ...params, ...window, ...inBlocks.params }, epilogue };
  });
  return candidates.map((candidate) => ({ ...candidate, kernel: 'conv-transpose2d-tiled' }));
}
