import wgsl from '../../../shaders/conv-transpose2d-naive.wgsl?raw';
import { linearGrid } from '../grid';
import { type Candidate, candidate, type KernelContext, tensor } from '../kernel';
import { channelBlocks, offsets } from '../layout';
import { defineShader } from '../shader';
import { slidingWindow } from './convolution';
import { epilogueOf } from './epilogue';

const shader = defineShader('conv-transpose2d-naive', wgsl);

/** Any transposed convolution, whether or not its weights are known at load; the baseline. */
export function convTranspose2dNaive(context: KernelContext<'conv-transpose2d'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  const [x, weight, bias, residual] = inputs;
  const [y] = outputs;
  const [inChannels, groupOut] = weight.shape;
  const { params, window } = slidingWindow(context);
  const { rows, ...sliding } = params;
  const size = rows * y.shape[3] * channelBlocks(y.shape[1]);
  return [
    candidate(shader, {
      grid: linearGrid(size, device),
      bind: { x, weight, bias, y },
      params: {
        ...sliding,
        ...window,
        ...offsets({ weight, bias }),
        size,
        out_channels: y.shape[1],
        group_in: inChannels / node.attributes.groups,
        group_out: groupOut,
      },
      epilogue: epilogueOf(node.attributes, residual, tensor(bias)),
    }),
  ];
}
