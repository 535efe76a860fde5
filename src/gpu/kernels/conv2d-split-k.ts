import wgsl from '../../../shaders/conv2d-split-k.wgsl?raw';
import { subgroupsAlong } from '../grid';
import { type Candidate, candidate, type KernelContext } from '../kernel';
import { ceilDiv } from '../layout';
import { defineShader } from '../shader';
import { isPointwise, pointwiseProduct } from './conv2d-pointwise';

const shader = defineShader('conv2d-split-k', wgsl);
const { PIXELS, BLOCKS, SLICES } = shader.consts;

/** 1×1 with stride 1 over few pixels and many channels: the sum over the channels shared out within a workgroup. */
export function conv2dSplitK(context: KernelContext<'conv2d'>): Candidate[] {
  if (!isPointwise(context)) return [];
  const product = pointwiseProduct(context, 1);
  const { pixels, in_blocks: inBlocks, out_blocks: outBlocks } = product.params;
  const tiles = ceilDiv(pixels, PIXELS) * outBlocks;
  if (tiles > context.device.profile.sharedSumInvocations || inBlocks < 2 * SLICES) return [];
  const workgroups = [ceilDiv(outBlocks, BLOCKS), ceilDiv(pixels, PIXELS), 1] as const;
  const grid = { workgroups, ...subgroupsAlong(BLOCKS, context.device) };
  return [candidate(shader, { ...product, grid }, `${SLICES} slices`)];
}
