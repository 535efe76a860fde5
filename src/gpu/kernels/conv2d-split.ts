import wgsl from '../../../shaders/conv2d-split.wgsl?raw';
import { type Candidate, candidate, type KernelContext } from '../kernel';
import { channelBlocks } from '../layout';
import { defineShader } from '../shader';
import { hasConstantWeights, packedConvolution } from './convolution';
import { packWeights } from './packing';
import { shareSums } from './share-sums';

const shader = defineShader('conv2d-split', wgsl);

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
  const shares = shareSums(context, inBlocks, shader.consts.PIXELS);
  if (!shares || shares.slices < 2) return [];
  // A row of taps at once has more loads on their way, where the registers hold them.
  const slides = weight.shape[3] === 3 && dilation[1] === 1 && stride[1] <= 2;
  const atOnce = slides && device.profile.registerTile.mostSums > 4;
  return [
    candidate(
      shader,
      {
        grid: shares.grid,
        constants: { STRIDE: atOnce ? stride[1] : 0 },
        bind,
        params: { ...params, ...window, in_blocks: inBlocks },
        epilogue,
      },
      `${shares.slices} slices`,
    ),
  ];
}
