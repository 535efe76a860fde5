import wgsl from '../../../shaders/conv2d-depthwise.wgsl?raw';
import { boxGrid } from '../grid';
import { type Candidate, candidate, type KernelContext, type PackedOperand } from '../kernel';
import { ceilDiv, channelBlocks, type TensorDesc } from '../layout';
import { defineShader } from '../shader';
import { hasConstantWeights, slidingWindow } from './convolution';
import { epilogueOf } from './epilogue';
import { packBias, packConstant } from './packing';

const shader = defineShader('conv2d-depthwise', wgsl);

/** Weights `[C, 1, KH, KW]` as `[KH, KW, C/4]` vec4. */
function packDepthwise(weight: TensorDesc): PackedOperand {
  const [channels, , height, width] = weight.shape;
  const padded = 4 * channelBlocks(channels);
  const taps = height * width;
  return packConstant(weight, 'depthwise', taps * padded, (data, packed) => {
    for (let c = 0; c < channels; c++) {
      for (let tap = 0; tap < taps; tap++) packed[tap * padded + c] = data[c * taps + tap];
    }
  });
}

/** As many groups as channels, in and out. */
export function conv2dDepthwise(context: KernelContext<'conv2d'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  const [x, weight, bias, residual] = inputs;
  const [y] = outputs;
  const { groups, stride, dilation } = node.attributes;
  const [channels, groupChannels, , kernelWidth] = weight.shape;
  if (groups !== channels || groupChannels !== 1 || !hasConstantWeights(context)) return [];
  const blocks = channelBlocks(channels);
  const packedBias = packBias(bias, blocks);
  const { params, window } = slidingWindow(context);
  const launch = {
    grid: boxGrid([blocks, ceilDiv(y.shape[3], shader.consts.PIXELS), params.rows], device),
    bind: { x, weight: packDepthwise(weight), bias: packedBias, y },
    params: { ...params, ...window, blocks, channels },
    epilogue: epilogueOf(node.attributes, residual, packedBias, blocks),
  };
  const slides = kernelWidth === 3 && dilation[1] === 1 && (stride[1] === 1 || stride[1] === 2);
  const general = candidate(shader, { ...launch, constants: { STRIDE: 0 } }, 'any window');
  if (!slides) return [general];
  return [candidate(shader, { ...launch, constants: { STRIDE: stride[1] } }, `3 wide, stride ${stride[1]}`), general];
}
