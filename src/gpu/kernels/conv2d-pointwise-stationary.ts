import wgsl from '../../../shaders/conv2d-pointwise-stationary.wgsl?raw';
import { type Candidate, candidate, type KernelContext } from '../kernel';
import { ceilDiv, channelBlocks } from '../layout';
import { defineShader } from '../shader';
import { isPointwise, pixelsOf, pointwiseProduct } from './conv2d-pointwise';
import { inMatrices } from './conv2d-quad';
import type { SoftwareVariant } from './convolution';
import { repetitionOf } from './epilogue';

const shader = defineShader('conv2d-pointwise-stationary', wgsl);
const { STRIP, MOST_IN_BLOCKS } = shader.consts;
const WORKGROUP = 4;

// Costs in loads, as those of conv2d-quad.
/** The load of four pixels and their products, of one block of inputs and one of outputs. */
const PRODUCT = 2.5;
/** Loading 16 weights and keeping them. */
const WEIGHTS = 6;
/** What conv2d-quad, whose cost leaves stores out, takes longer to store four pixels of a block. */
const SAVED_BY_STORING = 8;
/** A pipeline serves one number of input blocks: a layer must save as much as this many other pipelines would have to. */
const PIPELINES = 6;

/** 1×1 with stride 1 over up to 32 channels, by quads that keep their weights while pixels pass. */
function candidates(context: KernelContext<'conv2d'>): Candidate[] {
  const [, , , residual] = context.inputs;
  const [y] = context.outputs;
  const inBlocks = channelBlocks(context.inputs[1].shape[1]);
  const { profile } = context.device;
  if (profile.quads === 'never' || inBlocks > MOST_IN_BLOCKS || !isPointwise(context)) return [];
  if (repetitionOf(residual, y).some((times) => times > 1)) return [];
  const { bind, params, epilogue } = pointwiseProduct(context, 1);
  const { x, y: yView, pixels, out_blocks, out_channels } = params;
  return [
    candidate(
      shader,
      {
        grid: { workgroups: [ceilDiv(out_blocks, WORKGROUP), ceilDiv(pixels, STRIP), 1] },
        constants: { IN_BLOCKS: inBlocks },
        bind: { ...bind, weight: inMatrices(bind.weight, out_blocks) },
        params: { x, y: yView, pixels, out_blocks, out_channels },
        epilogue,
      },
      `${inBlocks} blocks`,
    ),
  ];
}

function cost({ inputs, outputs: [y], device }: KernelContext<'conv2d'>): number {
  const inBlocks = channelBlocks(inputs[1].shape[1]);
  const groups = ceilDiv(pixelsOf(y), 4);
  const quads = ceilDiv(channelBlocks(y.shape[1]), WORKGROUP);
  const weights = WEIGHTS * inBlocks * ceilDiv(pixelsOf(y), STRIP);
  const pixels = groups * (PRODUCT * inBlocks - SAVED_BY_STORING);
  return quads * (weights + pixels) + PIPELINES * device.profile.pipelineLoads;
}

export const conv2dPointwiseStationary: SoftwareVariant = { candidates, cost };
