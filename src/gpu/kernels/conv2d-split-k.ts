import wgsl from '../../../shaders/conv2d-split-k.wgsl?raw';
import { subgroupsAlong } from '../grid';
import { type Candidate, candidate, type KernelContext } from '../kernel';
import { ceilDiv, powerWithin } from '../layout';
import { defineShader } from '../shader';
import { isPointwise, pointwiseProduct } from './conv2d-pointwise';

const shader = defineShader('conv2d-split-k', wgsl);
/** Every device allows so many invocations of a workgroup. */
const INVOCATIONS = 128;
const LEAST_SLICES = 8;
const COLUMNS = 8;
const FEW_PIXELS = 4;

/** 1×1 with stride 1 over few pixels and many channels: the sum over the channels shared out within a workgroup. */
export function conv2dSplitK(context: KernelContext<'conv2d'>): Candidate[] {
  if (!isPointwise(context)) return [];
  const product = pointwiseProduct(context, 1);
  const { pixels, in_blocks: inBlocks, out_blocks: outBlocks } = product.params;
  const { sharedSumInvocations, registerTile, subgroupSize } = context.device.profile;
  const sums = ceilDiv(pixels, FEW_PIXELS) * outBlocks;
  if (sums > sharedSumInvocations || inBlocks < 2 * LEAST_SLICES) return [];
  // Twice the pixels load half as many weights, where that leaves enough invocations.
  const halved = LEAST_SLICES * sums >= sharedSumInvocations && registerTile.mostSums > FEW_PIXELS;
  const tile = halved ? 2 * FEW_PIXELS : FEW_PIXELS;
  const columns = outBlocks > COLUMNS || subgroupSize !== undefined ? COLUMNS : COLUMNS / 2;
  const useful = Math.min(INVOCATIONS / columns, inBlocks / 2, (4 * sharedSumInvocations) / sums);
  const slices = powerWithin(Math.max(LEAST_SLICES, useful));
  const grid = {
    workgroups: [ceilDiv(outBlocks, columns), ceilDiv(pixels, tile), 1] as const,
    constants: { PIXELS: tile, BLOCKS: columns, SLICES: slices },
    ...subgroupsAlong(columns, context.device),
  };
  return [candidate(shader, { ...product, grid }, `${tile} pixels, ${slices} slices`)];
}
