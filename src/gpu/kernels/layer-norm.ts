import wgsl from '../../../shaders/layer-norm.wgsl?raw';
import { sizeOf } from '../../tensor';
import { allLinear, candidate, type OperatorKernels } from '../kernel';
import { offsets } from '../layout';
import { defineShader } from '../shader';
import { sharings } from './rows';

const shader = defineShader('layer-norm', wgsl);

/** Layer normalisation over the last axes of a row-major tensor. Scale and bias need not be constants. */
export const layerNorm: OperatorKernels<'layer-norm'> = {
  layouts: allLinear,
  candidates: ({ node, inputs: [x, scale, bias], outputs: [y], device }) => {
    const { axis, epsilon } = node.attributes;
    const count = sizeOf(x.shape.slice(0, axis));
    const length = sizeOf(x.shape.slice(axis));
    const params = {
      count,
      length,
      ...offsets({ x, scale, bias, y }),
      epsilon,
    };
    return sharings(length, count, 1, device).map(({ grid, setting }) =>
      candidate(shader, { grid, bind: { x, scale, bias, y }, params }, setting),
    );
  },
};
