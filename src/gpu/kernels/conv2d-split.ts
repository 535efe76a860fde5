import wgsl from '../../../shaders/conv2d-split.wgsl?raw';
import { grid1d, subgroupsAlong } from '../grid';
import { type Candidate, candidate, type KernelContext } from '../kernel';
import { ceilDiv, channelBlocks, powerWithin } from '../layout';
import { defineShader } from '../shader';
import { hasConstantWeights, outputRows, packedConvolution } from './convolution';
import { packWeights } from './packing';

const shader = defineShader('conv2d-split', wgsl);
const { PIXELS } = shader.consts;
const LEAST_COLUMNS = 4;
/** Blocks of channels that a slice adds up for each tap. */
const LONG_SUM = 6;
const FEW_SLICES = 4;
/** Every device allows so many invocations of a workgroup. */
const INVOCATIONS = 128;

/**
 * Any window over few pixels and many channels, in one group: the sum over the channels shared out within a workgroup.
 * Not where barriers are slow, as a pipeline would have to be compiled to find out that it loses.
 */
export function conv2dSplit(context: KernelContext<'conv2d'>): Candidate[] {
  const { node, inputs, device } = context;
  const { groups, stride, dilation } = node.attributes;
  const [, weight] = inputs;
  if (groups > 1 || !hasConstantWeights(context) || device.profile.slowBarriers) return [];
  const inBlocks = channelBlocks(weight.shape[1]);
  const { bind, params, window, epilogue } = packedConvolution(context, 1, (outBlocks) =>
    packWeights(weight, 4 * inBlocks, outBlocks),
  );
  const { sharedSumInvocations, registerTile, subgroupSize = 0 } = device.profile;
  const columns = Math.max(LEAST_COLUMNS, subgroupSize);
  const { rows, width } = outputRows(context);
  const tiles = rows * ceilDiv(width, PIXELS);
  // More than useful slices leave a workgroup fewer tiles for each weight that it loads: only long sums make that good.
  const useful = (2 * sharedSumInvocations) / (tiles * params.out_blocks);
  const most = Math.max(useful, Math.min(2 * useful, inBlocks / LONG_SUM, FEW_SLICES));
  const slices = powerWithin(Math.min(INVOCATIONS / columns, inBlocks, most));
  if (slices < 2) return [];
  const tilesOfGroup = INVOCATIONS / columns / slices;
  const [y, z] = grid1d(tiles, tilesOfGroup, device);
  if (z > 1) return [];
  // A row of taps at once has more loads on their way, where the registers hold them.
  const slides = weight.shape[3] === 3 && dilation[1] === 1 && stride[1] <= 2;
  const atOnce = slides && registerTile.mostSums > 4;
  return [
    candidate(
      shader,
      {
        grid: {
          workgroups: [ceilDiv(params.out_blocks, columns), y, 1],
          constants: { BLOCKS: columns, TILES: tilesOfGroup, SLICES: slices },
          ...subgroupsAlong(columns, device),
        },
        constants: { STRIDE: atOnce ? stride[1] : 0 },
        bind,
        params: { ...params, ...window, in_blocks: inBlocks },
        epilogue,
      },
      `${slices} slices`,
    ),
  ];
}
