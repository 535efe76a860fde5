import wgsl from '../../../shaders/conv2d-stem.wgsl?raw';
import { subgroupsAlong } from '../grid';
import { type Candidate, candidate, type KernelContext } from '../kernel';
import { ceilDiv } from '../layout';
import { defineShader } from '../shader';
import { hasConstantWeights, packedConvolution } from './convolution';
import { packWeights } from './packing';

const shader = defineShader('conv2d-stem', wgsl);
const { PIXELS, BLOCKS } = shader.consts;
const WORKGROUP_X = 16;
const WORKGROUP_Y = 4;

/** Up to four input channels in one group. */
export function conv2dStem(context: KernelContext<'conv2d'>): Candidate[] {
  const { node, inputs, outputs } = context;
  const [, weight] = inputs;
  const inChannels = weight.shape[1];
  if (node.attributes.groups !== 1 || inChannels > 4 || !hasConstantWeights(context)) return [];
  const { bind, params, window, epilogue } = packedConvolution(context, BLOCKS, (outBlocks) =>
    packWeights(weight, inChannels, outBlocks),
  );
  const columns = ceilDiv(outputs[0].shape[3], WORKGROUP_X * PIXELS);
  return [
    candidate(shader, {
      grid: {
        workgroups: [columns, ceilDiv(params.rows, WORKGROUP_Y), params.weight_blocks / BLOCKS],
        ...subgroupsAlong(WORKGROUP_X, context.device),
      },
      constants: { CHANNELS: inChannels, WORKGROUP_X, WORKGROUP_Y },
      bind,
      params: { ...params, ...window },
      epilogue,
    }),
  ];
}
