import wgsl from '../../../shaders/batch-norm.wgsl?raw';
import { sizeOf } from '../../tensor';
import { linearGrid, rowGrid } from '../grid';
import { candidate, type OperatorKernels } from '../kernel';
import { ceilDiv, channelBlocks, type TensorDesc, view } from '../layout';
import { defineShader } from '../shader';

const shader = defineShader('batch-norm', wgsl);

/** Normalisation by recorded statistics, in whichever layout the input has. */
export const batchNorm: OperatorKernels<'batch-norm'> = {
  layouts: ({ inputs }, _graph, [have]) => ({
    inputs: inputs.map((_, i) => (i === 0 || i === 6 ? have : 'linear')),
    outputs: [have],
  }),
  candidates: ({ node, inputs: [x, scale, bias, mean, variance, slopes, residual], outputs: [y], device }) => {
    const image = y.layout === 'nhwc4';
    const [batch, channels, height, width] = y.shape;
    const size = image ? batch * height : ceilDiv(sizeOf(y.shape), 4);
    const placeOf = (tensor: TensorDesc): number[] => (image ? view(tensor) : [tensor.offset / 4, 0, 0, 0]);
    const launch = {
      grid: image ? rowGrid(width * channelBlocks(channels), size, device) : linearGrid(size, device),
      constants: { IMAGE: image, SLOPES: slopes !== undefined, RESIDUAL: residual !== undefined },
      bind: { x, scale, bias, mean, variance, slopes: slopes ?? scale, residual: residual ?? x, y },
      params: {
        x: placeOf(x),
        residual: placeOf(residual ?? x),
        y: placeOf(y),
        size,
        width: image ? width : 0,
        height: image ? height : 0,
        channels,
        inner: sizeOf(y.shape.slice(2)),
        scale: scale.offset / 4,
        bias: bias.offset / 4,
        mean: mean.offset / 4,
        variance: variance.offset / 4,
        slopes: slopes ? slopes.offset / 4 : 0,
        image_step: 0,
        epsilon: node.attributes.epsilon,
      },
    };
    return [candidate(shader, launch, image ? 'image' : 'row-major')];
  },
};
