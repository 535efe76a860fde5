import wgsl from '../../../shaders/conv2d-staged.wgsl?raw';
import { grid1d, subgroupsAlong } from '../grid';
import { type Candidate, candidate, type KernelContext } from '../kernel';
import { channelBlocks } from '../layout';
import { defineShader } from '../shader';
import { pixelsOf } from './conv2d-pointwise';
import { hasConstantWeights, packedConvolution } from './convolution';
import { packWeights } from './packing';

const shader = defineShader('conv2d-staged', wgsl);
const { COLUMNS, LINES } = shader.consts;

/** Any window in one group, in workgroup tiles without register tiles: a step between the two, that no adapter takes by default. */
export function conv2dStaged(context: KernelContext<'conv2d'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  if (node.attributes.groups > 1 || !hasConstantWeights(context)) return [];
  const [, weight] = inputs;
  const inBlocks = channelBlocks(weight.shape[1]);
  const { bind, params, window, epilogue } = packedConvolution(context, COLUMNS, (outBlocks) =>
    packWeights(weight, 4 * inBlocks, outBlocks),
  );
  const [y, z] = grid1d(pixelsOf(outputs[0]), LINES, device);
  if (z > 1) return [];
  return [
    candidate(
      shader,
      {
        grid: { workgroups: [params.weight_blocks / COLUMNS, y, 1], ...subgroupsAlong(COLUMNS, device) },
        bind,
        params: { ...params, ...window, in_blocks: inBlocks },
        epilogue,
      },
      `${LINES}×${4 * COLUMNS}`,
    ),
  ];
}
