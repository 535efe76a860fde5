import wgsl from '../../../shaders/conv2d-naive.wgsl?raw';
import { linearGrid } from '../grid';
import { type Candidate, candidate, type KernelContext, tensor } from '../kernel';
import { channelBlocks, offsets } from '../layout';
import { defineShader } from '../shader';
import { slidingWindow } from './convolution';
import { epilogueOf, repetitionOf } from './epilogue';

const shader = defineShader('conv2d-naive', wgsl);

/** Any convolution, whether or not its weights are known at load; the baseline. */
export function conv2dNaive(context: KernelContext<'conv2d'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  const [x, weight, bias, residual] = inputs;
  const [y] = outputs;
  const [outChannels, groupIn] = weight.shape;
  const { params, window } = slidingWindow(context);
  const { rows, ...sliding } = params;
  const size = rows * y.shape[3] * channelBlocks(outChannels);
  return [
    candidate(shader, {
      grid: linearGrid(size, device),
      bind: { x, weight, bias, y },
      params: {
        ...sliding,
        ...window,
        ...offsets({ weight, bias }),
        size,
        out_channels: outChannels,
        group_in: groupIn,
        group_out: outChannels / node.attributes.groups,
        repetition: repetitionOf(residual, y),
      },
      epilogue: epilogueOf(node.attributes, residual, tensor(bias)),
    }),
  ];
}
