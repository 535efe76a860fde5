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

/** As many groups as channels, in and out. */
export function conv2dDepthwise(context: KernelContext<'conv2d'>): Candidate[] {
  const operands = depthwiseOperands(context);
  if (!operands) return [];
  const { node, outputs, device } = context;
  const { window, params, ...launch } = operands;
  const common = {
    ...launch,
    grid: boxGrid([params.blocks, ceilDiv(outputs[0].shape[3], shader.consts.PIXELS), params.rows], device),
    params: { ...params, ...window },
  };
  const general = candidate(shader, { ...common, constants: { STRIDE: 0 } }, 'any window');
  const constants = slidingConstants(node.attributes, context.inputs[1]);
  if (!constants.STRIDE) return [general];
  return [candidate(shader, { ...common, constants }, `${constants.WIDTH} wide, stride ${constants.STRIDE}`), general];
}
