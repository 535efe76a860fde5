import wgsl from '../../../shaders/batch-norm.wgsl?raw';
import { sizeOf } from '../../tensor';
import { linearGrid, rowGrid } from '../grid';
import { candidate, type OperatorKernels } from '../kernel';
import { ceilDiv, channelBlocks, view } from '../layout';
import { defineShader } from '../shader';

const shader = defineShader('batch-norm', wgsl);

/** Normalisation by recorded statistics, in whichever layout the input has. */
export const batchNorm: OperatorKernels<'batch-norm'> = {
  layouts: (_node, _graph, [have]) => ({ inputs: [have, 'linear', 'linear', 'linear', 'linear'], outputs: [have] }),
  candidates: ({ node, inputs: [x, scale, bias, mean, variance], outputs: [y], device }) => {
    const image = y.layout === 'nhwc4';
    const [batch, channels, height, width] = y.shape;
    const size = image ? batch * height : ceilDiv(sizeOf(y.shape), 4);
    const launch = {
      grid: image ? rowGrid(width * channelBlocks(channels), size, device) : linearGrid(size, device),
      constants: { IMAGE: image },
      bind: { x, scale, bias, mean, variance, y },
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
        image_step: 0,
        epsilon: node.attributes.epsilon,
      },
    };
    return [candidate(shader, launch, image ? 'image' : 'row-major')];
  },
};
