import wgsl from '../../../shaders/conv2d-depthwise.wgsl?raw';
import {
  type Candidate,
  ceilDiv,
  channelBlocks,
  type KernelContext,
  type Operand,
  type TensorDesc,
  tensor,
} from '../kernel';
import { defineShader } from '../shader';
import { hasConstantWeights, slidingWindow, workgroups64 } from './conv2d-shared';
import { packBias } from './epilogue';

const shader = defineShader('conv2d-depthwise', wgsl);

/** Pixels of a row that one invocation makes, as the shader is written. */
const PIXELS = 4;

/** Weights `[C, 1, KH, KW]` as `[KH, KW, C/4]` vec4. */
function packDepthwise(weight: TensorDesc): Operand {
  const [channels, , height, width] = weight.shape;
  const padded = 4 * channelBlocks(channels);
  return {
    kind: 'constant',
    key: `${weight.value}/depthwise`,
    pack: () => {
      const data = weight.constant!.data;
      const taps = height * width;
      const packed = new Float32Array(taps * padded);
      for (let c = 0; c < channels; c++) {
        for (let tap = 0; tap < taps; tap++) packed[tap * padded + c] = data[c * taps + tap];
      }
      return packed;
    },
  };
}

/** As many groups as channels, in and out. */
export function conv2dDepthwise(context: KernelContext<'conv2d'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  const [x, weight, bias] = inputs;
  const [y] = outputs;
  const { groups, stride, dilation } = node.attributes;
  const [channels, groupChannels, , kernelWidth] = weight.shape;
  if (groups !== channels || groupChannels !== 1 || !hasConstantWeights(context)) return [];
  const blocks = channelBlocks(channels);
  const packedBias = packBias(bias, blocks);
  const { constants, bind, params, window } = slidingWindow(context, packedBias);
  const grid = workgroups64([blocks, ceilDiv(y.shape[3], PIXELS), params.rows], device);
  const slides = kernelWidth === 3 && dilation[1] === 1 && (stride[1] === 1 || stride[1] === 2);
  const candidate = (name: string, known: number): Candidate => ({
    kernel: 'conv2d-depthwise',
    setting: name,
    dispatches: [
      {
        shader,
        constants: { ...constants, ...grid.constants, STRIDE: known },
        bind: { x: tensor(x), weight: packDepthwise(weight), bias: packedBias, y: tensor(y), ...bind },
        params: { ...params, ...window, blocks, channels },
        workgroups: grid.workgroups,
      },
    ],
  });
  const general = candidate('any window', 0);
  return slides ? [candidate(`3 wide, stride ${stride[1]}`, stride[1]), general] : [general];
}
