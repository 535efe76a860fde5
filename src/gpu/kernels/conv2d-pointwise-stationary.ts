import wgsl from '../../../shaders/conv2d-pointwise-stationary.wgsl?raw';
import { type Candidate, candidate, type KernelContext } from '../kernel';
import { ceilDiv, channelBlocks } from '../layout';
import { defineShader } from '../shader';
import { isPointwise, pointwiseProduct } from './conv2d-pointwise';
import { inSharedPipeline } from './conv2d-quad';
import { repetitionOf } from './epilogue';
import { inMatrices } from './packing';

const shader = defineShader('conv2d-pointwise-stationary', wgsl);
const { STRIP, MOST_IN_BLOCKS } = shader.consts;
const WORKGROUP = 4;
/** Blocks of pipelines that layers of fewer blocks share. */
const PADDED_BLOCKS = [MOST_IN_BLOCKS / 2, MOST_IN_BLOCKS];

// Costs in loads, as those of conv2d-quad.
/** The load of four pixels and their products, of one block of inputs and one of outputs. */
const PRODUCT = 2.5;
/** The same where the block may lie past the last. */
const PADDED_PRODUCT = 2.7;
/** Loading 16 weights and keeping them. */
const WEIGHTS = 6;
/** What conv2d-quad, whose cost leaves stores out, takes longer to store four pixels of a block. */
const SAVED_BY_STORING = 8;

/** 1×1 with stride 1 over up to 32 channels, by quads that keep their weights while pixels pass. */
export function conv2dPointwiseStationary(context: KernelContext<'conv2d'>): Candidate[] {
  const [, , , residual] = context.inputs;
  const [y] = context.outputs;
  const inBlocks = channelBlocks(context.inputs[1].shape[1]);
  const { profile } = context.device;
  if (profile.quads === 'never' || inBlocks > MOST_IN_BLOCKS || !isPointwise(context)) return [];
  if (repetitionOf(residual, y).some((times) => times > 1)) return [];
  const { bind, params, epilogue } = pointwiseProduct(context, 1);
  const { x, y: yView, pixels, out_blocks, out_channels } = params;
  const ways = (blocks: number, isPadded: boolean): Candidate[] => {
    const launch = {
      grid: { workgroups: [ceilDiv(out_blocks, WORKGROUP), ceilDiv(pixels, STRIP), 1] },
      constants: { IN_BLOCKS: blocks, PADDED: isPadded },
      bind: { ...bind, weight: inMatrices(bind.weight, out_blocks) },
      params: { x, y: yView, pixels, in_blocks: inBlocks, out_blocks, out_channels, activation: 0 },
      epilogue,
    } as const;
    const setting = `${isPadded ? 'up to ' : ''}${blocks} blocks`;
    const loads = loadsOf(blocks, out_blocks, pixels, isPadded ? PADDED_PRODUCT : PRODUCT);
    const own = { ...candidate(shader, launch, setting), loads, ...(isPadded && ({ forSeveral: true } as const)) };
    return profile.slowCompiler ? [own, inSharedPipeline(own, out_blocks * pixels)] : [own];
  };
  const padded = PADDED_BLOCKS.filter((blocks) => blocks >= inBlocks);
  return [...ways(inBlocks, false), ...padded.flatMap((blocks) => ways(blocks, true))];
}

function loadsOf(inBlocks: number, outBlocks: number, pixels: number, product: number): number {
  const weights = WEIGHTS * inBlocks * ceilDiv(pixels, STRIP);
  const products = ceilDiv(pixels, 4) * (product * inBlocks - SAVED_BY_STORING);
  return ceilDiv(outBlocks, WORKGROUP) * (weights + products);
}
