import wgsl from '../../../shaders/instance-norm.wgsl?raw';
import linearWgsl from '../../../shaders/instance-norm-linear.wgsl?raw';
import statisticsWgsl from '../../../shaders/instance-norm-statistics.wgsl?raw';
import { sizeOf } from '../../tensor';
import {
  type Candidate,
  channelBlocks,
  grid1d,
  gridFits,
  type KernelContext,
  type OperatorKernels,
  rowGrid,
  tensor,
  view,
} from '../kernel';
import { defineShader } from '../shader';
import { reductionTiles } from './reduction-tiles';

const shader = defineShader('instance-norm', wgsl);
const statisticsShader = defineShader('instance-norm-statistics', statisticsWgsl);
const linearShader = defineShader('instance-norm-linear', linearWgsl);
const WORKGROUP = 64;

/** Normalisation by the mean and variance of each channel of each sample. */
export const instanceNorm: OperatorKernels<'instance-norm'> = {
  layouts: (node, graph) => {
    const layout = graph.values.get(node.inputs[0])!.shape.length === 4 ? 'nhwc4' : 'linear';
    return { inputs: [layout, 'linear', 'linear'], outputs: [layout] };
  },
  candidates: (context) => {
    const candidates = context.outputs[0].layout === 'nhwc4' ? images(context) : rowMajor(context);
    return candidates.filter(({ dispatches }) => dispatches.every((d) => gridFits(d.workgroups, context.device)));
  },
};

function images({ node, inputs: [x, scale, bias], outputs: [y], device }: KernelContext<'instance-norm'>): Candidate[] {
  const [batch, channels, height, width] = y.shape;
  const blocks = channelBlocks(channels);
  const statistics = { kind: 'scratch', name: 'statistics', sizeBytes: batch * 2 * blocks * 16 } as const;
  return reductionTiles(x, device).map(
    (tile): Candidate => ({
      kernel: 'instance-norm',
      setting: tile.setting,
      dispatches: [
        {
          shader: statisticsShader,
          constants: tile.constants,
          bind: { x: tensor(x), statistics },
          params: { x: view(x), height, width, blocks, epsilon: node.attributes.epsilon },
          workgroups: tile.workgroups,
        },
        {
          shader,
          constants: { WORKGROUP },
          bind: { x: tensor(x), statistics, scale: tensor(scale), bias: tensor(bias), y: tensor(y) },
          params: {
            x: view(x),
            y: view(y),
            rows: batch * height,
            height,
            width,
            channels,
            scale: scale.offset / 4,
            bias: bias.offset / 4,
          },
          workgroups: rowGrid(width * blocks, batch * height, WORKGROUP, device),
        },
      ],
    }),
  );
}

function rowMajor({
  node,
  inputs: [x, scale, bias],
  outputs: [y],
  device,
}: KernelContext<'instance-norm'>): Candidate[] {
  const [batch, channels] = y.shape;
  const rows = batch * channels;
  return (device.software ? [1, 64] : [64, 1]).map((lanes) => ({
    kernel: 'instance-norm-linear',
    setting: `${lanes} lanes`,
    dispatches: [
      {
        shader: linearShader,
        constants: { LANES: lanes },
        bind: { x: tensor(x), scale: tensor(scale), bias: tensor(bias), y: tensor(y) },
        params: {
          rows,
          channels,
          inner: sizeOf(y.shape.slice(2)),
          x_offset: x.offset,
          y_offset: y.offset,
          scale: scale.offset,
          bias: bias.offset,
          epsilon: node.attributes.epsilon,
        },
        workgroups: grid1d(rows, 1, device),
      },
    ],
  }));
}
