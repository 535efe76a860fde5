import wgsl from '../../../shaders/conv2d-split-k.wgsl?raw';
import { type Candidate, ceilDiv, type KernelContext } from '../kernel';
import { defineShader } from '../shader';
import { isPointwise, pointwiseProduct } from './conv2d-pointwise';

const shader = defineShader('conv2d-split-k', wgsl);
/** What a workgroup makes, and into how many slices it cuts the sum, as the shader is written. */
const PIXELS = 4;
const BLOCKS = 8;
const SLICES = 8;
/** Fewer invocations than this leave a GPU idle, so that sharing out their sums may pay. */
const ENOUGH_INVOCATIONS = 8192;

/** 1×1 with stride 1 over few pixels and many channels: the sum over the channels shared out within a workgroup. */
export function conv2dSplitK(context: KernelContext<'conv2d'>): Candidate[] {
  if (!isPointwise(context)) return [];
  const { constants, bind, params } = pointwiseProduct(context, 1);
  const tiles = ceilDiv(params.pixels, PIXELS) * params.out_blocks;
  if (tiles > ENOUGH_INVOCATIONS || params.in_blocks < 2 * SLICES) return [];
  const workgroups = [ceilDiv(params.out_blocks, BLOCKS), ceilDiv(params.pixels, PIXELS), 1] as const;
  const dispatch = { shader, constants, bind, params, workgroups };
  return [{ kernel: 'conv2d-split-k', setting: `${SLICES} slices`, dispatches: [dispatch] }];
}
