import wgsl from '../../../shaders/layer-norm.wgsl?raw';
import { type Candidate, type OperatorKernels, tensor } from '../kernel';
import { defineShader } from '../shader';
import { sharings } from './rows';

const shader = defineShader('layer-norm', wgsl);

/** Layer normalisation over the last axes of a row-major tensor. Scale and bias need not be constants. */
export const layerNorm: OperatorKernels<'layer-norm'> = {
  layouts: () => ({ inputs: ['linear', 'linear', 'linear'], outputs: ['linear'] }),
  candidates: ({ node, inputs: [x, scale, bias], outputs: [y], device }) => {
    const { axis, epsilon } = node.attributes;
    const product = (extents: readonly number[]): number => extents.reduce((a, b) => a * b, 1);
    const count = product(x.shape.slice(0, axis));
    const length = product(x.shape.slice(axis));
    return sharings(length, count, 1, device).map(
      ({ setting, constants, grid }): Candidate => ({
        kernel: 'layer-norm',
        setting,
        dispatches: [
          {
            shader,
            constants,
            bind: { x: tensor(x), scale: tensor(scale), bias: tensor(bias), y: tensor(y) },
            params: {
              count,
              length,
              x_offset: x.offset,
              y_offset: y.offset,
              scale_offset: scale.offset,
              bias_offset: bias.offset,
              epsilon,
            },
            workgroups: grid(count),
          },
        ],
      }),
    );
  },
};
