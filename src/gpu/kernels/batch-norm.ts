import wgsl from '../../../shaders/batch-norm.wgsl?raw';
import { sizeOf } from '../../tensor';
import { ceilDiv, channelBlocks, grid1d, gridFits, type OperatorKernels, rowGrid, tensor, view } from '../kernel';
import { defineShader } from '../shader';

const shader = defineShader('batch-norm', wgsl);
const WORKGROUP = 64;

/** Normalisation by recorded statistics, in whichever layout the input has. */
export const batchNorm: OperatorKernels<'batch-norm'> = {
  layouts: (_node, _graph, have) => ({
    inputs: [have[0], 'linear', 'linear', 'linear', 'linear'],
    outputs: [have[0]],
  }),
  candidates: ({ node, inputs: [x, scale, bias, mean, variance], outputs: [y], device }) => {
    const image = y.layout === 'nhwc4';
    const [batch, channels, height, width] = y.shape;
    const size = image ? batch * height : ceilDiv(sizeOf(y.shape), 4);
    const workgroups = image
      ? rowGrid(width * channelBlocks(channels), size, WORKGROUP, device)
      : grid1d(size, WORKGROUP, device);
    if (!gridFits(workgroups, device)) return [];
    return [
      {
        kernel: 'batch-norm',
        setting: image ? 'image' : 'row-major',
        dispatches: [
          {
            shader,
            constants: { IMAGE: Number(image), WORKGROUP },
            bind: {
              x: tensor(x),
              scale: tensor(scale),
              bias: tensor(bias),
              mean: tensor(mean),
              variance: tensor(variance),
              y: tensor(y),
            },
            params: {
              x: image ? view(x) : [x.offset / 4, 0, 0, 0],
              y: image ? view(y) : [y.offset / 4, 0, 0, 0],
              size,
              width: image ? width : 0,
              height: image ? height : 0,
              channels,
              inner: sizeOf(y.shape.slice(2)),
              scale: scale.offset / 4,
              bias: bias.offset / 4,
              mean: mean.offset / 4,
              variance: variance.offset / 4,
              epsilon: node.attributes.epsilon,
            },
            workgroups,
          },
        ],
      },
    ];
  },
};
