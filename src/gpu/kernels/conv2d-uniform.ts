import wgsl from '../../../shaders/conv2d-uniform.wgsl?raw';
import { grid1d } from '../grid';
import { type Candidate, candidate, type KernelContext } from '../kernel';
import { ceilDiv, channelBlocks, powerWithin } from '../layout';
import { defineShader } from '../shader';
import { pixelsOf } from './conv2d-pointwise';
import { hasConstantWeights, packedConvolution } from './convolution';
import { inMatrices, packWeights } from './packing';

const shader = defineShader('conv2d-uniform', wgsl);
const { BLOCKS, PIXELS } = shader.consts;
/** Every device allows so many invocations of a workgroup. */
const INVOCATIONS = 128;

/** Any window in one group, by subgroups whose invocations share all weights, where a shader can ask for their size. */
export function conv2dUniform(context: KernelContext<'conv2d'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  const { quads, subgroupSize, sharedSumInvocations } = device.profile;
  if (node.attributes.groups > 1 || !hasConstantWeights(context)) return [];
  if (quads === 'never' || subgroupSize === undefined || subgroupSize > INVOCATIONS) return [];
  const [, weight] = inputs;
  const inBlocks = channelBlocks(weight.shape[1]);
  const { bind, params, window, epilogue } = packedConvolution(context, BLOCKS, (outBlocks) =>
    inMatrices(packWeights(weight, 4 * inBlocks, outBlocks), outBlocks),
  );
  const pixels = pixelsOf(outputs[0]);
  const channelTiles = params.weight_blocks / BLOCKS;
  const subgroups = INVOCATIONS / subgroupSize;
  const sums = ceilDiv(pixels, PIXELS) * channelTiles;
  const slices = powerWithin(Math.min(subgroups, inBlocks, (4 * sharedSumInvocations) / sums));
  const tiles = subgroups / slices;
  const [y, z] = grid1d(pixels, PIXELS * subgroupSize * tiles, device);
  if (z > 1) return [];
  return [
    candidate(
      shader,
      {
        grid: {
          workgroups: [channelTiles, y, 1],
          constants: { LANES: subgroupSize, TILES: tiles, SLICES: slices },
          subgroupSize,
        },
        constants: { PADDED: node.attributes.padding.some((n) => n > 0) },
        bind,
        params: { ...params, ...window, in_blocks: inBlocks },
        epilogue,
      },
      `${slices} slices`,
    ),
  ];
}
