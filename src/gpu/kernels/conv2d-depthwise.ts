import wgsl from '../../../shaders/conv2d-depthwise.wgsl?raw';
import type { Conv2dAttributes } from '../../operators/conv2d';
import { boxGrid } from '../grid';
import { type Candidate, candidate, type KernelContext, type PackedOperand } from '../kernel';
import { ceilDiv, channelBlocks, type TensorDesc } from '../layout';
import { defineShader } from '../shader';
import { hasConstantWeights, slidingWindow } from './convolution';
import { epilogueOf } from './epilogue';
import { packBias, packConstant } from './packing';

const shader = defineShader('conv2d-depthwise', wgsl);

/** Weights `[C, 1, KH, KW]` as `[KH, KW, C/4]` vec4. */
export function packDepthwise(weight: TensorDesc): PackedOperand {
  const [channels, , height, width] = weight.shape;
  const padded = 4 * channelBlocks(channels);
  const taps = height * width;
  return packConstant(weight, 'depthwise', taps * padded, (data, packed) => {
    for (let c = 0; c < channels; c++) {
      for (let tap = 0; tap < taps; tap++) packed[tap * padded + c] = data[c * taps + tap];
    }
  });
}

/** Operands, parameters and epilogue, where there are as many groups as channels, in and out. */
export function depthwiseOperands(context: KernelContext<'conv2d'>) {
  const { node, inputs } = context;
  const [x, weight, bias, residual] = inputs;
  const [y] = context.outputs;
  const [channels, groupChannels] = weight.shape;
  if (node.attributes.groups !== channels || groupChannels !== 1 || !hasConstantWeights(context)) return undefined;
  const blocks = channelBlocks(channels);
  const packedBias = packBias(bias, blocks);
  const { params, window } = slidingWindow(context);
  return {
    bind: { x, weight: packDepthwise(weight), bias: packedBias, y },
    params: { ...params, blocks, channels },
    window,
    epilogue: epilogueOf(node.attributes, residual, packedBias, blocks),
  };
}

/** STRIDE and WIDTH, where neighbouring windows of a row share pixels that one invocation may load for all of them. */
export function slidingConstants({ stride, dilation }: Conv2dAttributes, weight: TensorDesc) {
  const [, , , width] = weight.shape;
  const slides = (width === 3 || width === 5) && dilation[1] === 1 && stride[1] <= 2;
  return { STRIDE: slides ? stride[1] : 0, WIDTH: slides ? width : 3 };
}

/** Multiply-adds of a vec4 that take as long as a load of one on a CPU. */
export const PRODUCTS_PER_LOAD = 9;
/** Blocks of channels, a vec4 each, that a CPU filters at once. */
const BLOCKS_AT_ONCE = 4;

/** As many groups as channels, in and out. */
export function conv2dDepthwise(context: KernelContext<'conv2d'>): Candidate[] {
  const operands = depthwiseOperands(context);
  if (!operands) return [];
  const { node, inputs, outputs, device } = context;
  const { window, params, ...launch } = operands;
  const { PIXELS } = shader.consts;
  const runs = ceilDiv(outputs[0].shape[3], PIXELS);
  const common = {
    ...launch,
    grid: boxGrid([params.blocks, runs, params.rows], device),
    params: { ...params, ...window },
  };
  const [, , height, width] = inputs[1].shape;
  const rowsOfTaps = ceilDiv(params.blocks, BLOCKS_AT_ONCE) * runs * params.rows * height;
  const way = (constants: { STRIDE: number; WIDTH: number }, setting: string, loads: number): Candidate => ({
    ...candidate(shader, { ...common, constants }, setting),
    loads: rowsOfTaps * (loads + (width * PIXELS) / PRODUCTS_PER_LOAD),
  });
  const general = way({ STRIDE: 0, WIDTH: 3 }, 'any window', width * (1 + PIXELS));
  const constants = slidingConstants(node.attributes, inputs[1]);
  const { STRIDE, WIDTH } = constants;
  if (!STRIDE) return [general];
  const sliding = way(constants, `${WIDTH} wide, stride ${STRIDE}`, 2 * WIDTH + (PIXELS - 1) * STRIDE);
  return [sliding, { ...general, forSeveral: true }];
}
