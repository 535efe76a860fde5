import wgsl from '../../../shaders/conv2d-vec4.wgsl?raw';
import { linearGrid } from '../grid';
import { type Candidate, candidate, type KernelContext } from '../kernel';
import { channelBlocks } from '../layout';
import { defineShader } from '../shader';
import { pixelsOf } from './conv2d-pointwise';
import { hasConstantWeights, packedConvolution } from './convolution';
import { packWeights } from './packing';

const shader = defineShader('conv2d-vec4', wgsl);

/** Any window in one group, four numbers at a time: the step between the definition and tiles. No adapter takes it by default. */
export function conv2dVec4(context: KernelContext<'conv2d'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  if (node.attributes.groups > 1 || !hasConstantWeights(context)) return [];
  const [, weight] = inputs;
  const inBlocks = channelBlocks(weight.shape[1]);
  const { bind, params, window, epilogue } = packedConvolution(context, 1, (outBlocks) =>
    packWeights(weight, 4 * inBlocks, outBlocks),
  );
  return [
    candidate(shader, {
      grid: linearGrid(pixelsOf(outputs[0]) * params.out_blocks, device),
      bind,
      params: { ...params, ...window, in_blocks: inBlocks },
      epilogue,
    }),
  ];
}
