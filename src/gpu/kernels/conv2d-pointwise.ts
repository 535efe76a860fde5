import wgsl from '../../../shaders/conv2d-pointwise.wgsl?raw';
import { sameShape } from '../../tensor';
import type { Candidate, KernelContext } from '../kernel';
import { channelBlocks, type TensorDesc } from '../layout';
import { defineShader } from '../shader';
import { hasConstantWeights, packedConvolution, registerTiles } from './convolution';
import { repetitionOf } from './epilogue';
import { packWeights } from './packing';

const shader = defineShader('conv2d-pointwise', wgsl);

/** Whether neighbouring pixels of a batch all lie at one distance, so that one index counts them. */
function isOneRow({ shape: [batch, , height, width], strides: [image, , row, pixel] }: TensorDesc): boolean {
  return (height === 1 || row === width * pixel) && (batch === 1 || image === height * width * pixel);
}

/** Whether a convolution is a matrix product over pixels: 1×1, stride 1, no padding, one group, weights known. */
export function isPointwise(context: KernelContext<'conv2d'>): boolean {
  const { stride, padding, groups } = context.node.attributes;
  const [x, weight, , residual] = context.inputs;
  const [y] = context.outputs;
  const one = [...weight.shape.slice(2), ...stride, groups].every((v) => v === 1);
  const rows = [x, y, ...(residual && sameShape(residual.shape, y.shape) ? [residual] : [])].every(isOneRow);
  return one && rows && padding.every((v) => v === 0) && hasConstantWeights(context);
}

export const pixelsOf = ({ shape: [batch, , height, width] }: TensorDesc): number => batch * height * width;

/** A matrix product over pixels, weights padded to whole tiles of `blocks`. */
export function pointwiseProduct(context: KernelContext<'conv2d'>, blocks: number) {
  const [, weight, , residual] = context.inputs;
  const [y] = context.outputs;
  const inBlocks = channelBlocks(weight.shape[1]);
  const { bind, params, epilogue } = packedConvolution(context, blocks, (outBlocks) =>
    packWeights(weight, 4 * inBlocks, outBlocks),
  );
  const repetition = repetitionOf(residual, y);
  return {
    constants: { REPEATED: repetition.some((times) => times > 1) },
    bind,
    params: {
      x: params.x,
      y: params.y,
      pixels: pixelsOf(y),
      in_blocks: inBlocks,
      out_blocks: params.out_blocks,
      weight_blocks: params.weight_blocks,
      out_channels: params.out_channels,
      size: y.shape.slice(2),
      repetition,
    },
    epilogue,
  };
}

/** 1×1 with stride 1: a matrix product in register tiles. */
export function conv2dPointwise(context: KernelContext<'conv2d'>): Candidate[] {
  if (!isPointwise(context)) return [];
  const allPixels = { rows: 1, width: pixelsOf(context.outputs[0]) };
  return registerTiles(shader, context, allPixels, ({ blocks }) => pointwiseProduct(context, blocks));
}
