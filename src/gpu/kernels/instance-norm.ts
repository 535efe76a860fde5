import wgsl from '../../../shaders/batch-norm.wgsl?raw';
import statisticsWgsl from '../../../shaders/instance-norm-statistics.wgsl?raw';
import { rowGrid } from '../grid';
import { type Candidate, dispatch, type KernelContext, type OperatorKernels, scratch } from '../kernel';
import { channelBlocks, view } from '../layout';
import { defineShader, withAliases } from '../shader';
import { normaliseRows } from './layer-norm';
import { reductionTiles } from './reduction-tiles';

const shader = withAliases(defineShader('batch-norm', wgsl), { Statistics: 'vec4f' });
const statisticsShader = defineShader('instance-norm-statistics', statisticsWgsl);

/** Normalisation by the mean and variance of each channel of each sample. */
export const instanceNorm: OperatorKernels<'instance-norm'> = {
  layouts: (node, graph) => {
    const layout = graph.values.get(node.inputs[0])!.shape.length === 4 ? 'nhwc4' : 'linear';
    return { inputs: [layout, 'linear', 'linear'], outputs: [layout] };
  },
  candidates: (context) => (context.outputs[0].layout === 'nhwc4' ? images(context) : normaliseRows(context, 2, true)),
};

function images({ node, inputs: [x, scale, bias], outputs: [y], device }: KernelContext<'instance-norm'>): Candidate[] {
  const [batch, channels, height, width] = y.shape;
  const blocks = channelBlocks(channels);
  const rows = batch * height;
  const statistics = scratch('statistics', batch * 2 * blocks * 16);
  const normalise = dispatch(shader, {
    grid: rowGrid(width * blocks, rows, device),
    constants: { IMAGE: true },
    bind: { x, scale, bias, mean: statistics, variance: statistics, slopes: scale, residual: x, y },
    params: {
      ...{ x: view(x), residual: view(x), y: view(y), size: rows, width, height, channels, inner: 0 },
      ...{
        scale: scale.offset / 4,
        bias: bias.offset / 4,
        mean: 0,
        variance: blocks,
        image_step: 2 * blocks,
        slopes: 0,
      },
      epsilon: node.attributes.epsilon,
    },
  });
  return reductionTiles(x, device).map(({ setting, grid }) => {
    const measure = dispatch(statisticsShader, {
      grid,
      bind: { x, statistics },
      params: { x: view(x), height, width, blocks },
    });
    return { kernel: 'instance-norm', setting, dispatches: [measure, normalise] };
  });
}
