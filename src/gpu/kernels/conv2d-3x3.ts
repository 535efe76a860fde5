import wgsl from '../../../shaders/conv2d-3x3.wgsl?raw';
import type { Candidate, KernelContext } from '../kernel';
import { channelBlocks } from '../layout';
import { defineShader } from '../shader';
import { hasConstantWeights, outputRows, packedConvolution, registerTiles } from './convolution';
import { packWeights } from './packing';

const shader = defineShader('conv2d-3x3', wgsl);

/** Whether a convolution is 3×3 with stride 1, dilation 1 and one group, and its weights are known at load. */
export function isPlain3x3(context: KernelContext<'conv2d'>): boolean {
  const { stride, dilation, groups } = context.node.attributes;
  const [, , kernelHeight, kernelWidth] = context.inputs[1].shape;
  const unit = [...stride, ...dilation, groups].every((v) => v === 1);
  return unit && kernelHeight === 3 && kernelWidth === 3 && hasConstantWeights(context);
}

/** 3×3 with stride 1: register tiles that use a loaded pixel for three taps. */
export function conv2d3x3(context: KernelContext<'conv2d'>): Candidate[] {
  if (!isPlain3x3(context)) return [];
  const [, weight] = context.inputs;
  const inBlocks = channelBlocks(weight.shape[1]);
  return registerTiles(shader, context, outputRows(context), ({ blocks }) => {
    const { bind, params, epilogue } = packedConvolution(context, blocks, (outBlocks) =>
      packWeights(weight, 4 * inBlocks, outBlocks),
    );
    return { bind, params: { ...params, in_blocks: inBlocks }, epilogue };
  });
}
