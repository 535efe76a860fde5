import wgsl from '../../../shaders/global-pool2d.wgsl?raw';
import { type Candidate, gridFits, type OperatorKernels, tensor, view } from '../kernel';
import { defineShader } from '../shader';
import { reductionTiles } from './reduction-tiles';

const shader = defineShader('global-pool2d', wgsl);

/** The mean or maximum of all pixels. */
export const globalPool2d: OperatorKernels<'global-pool2d'> = {
  layouts: () => ({ inputs: ['nhwc4'], outputs: ['nhwc4'] }),
  candidates: ({ node, inputs: [x], outputs: [y], device }) => {
    const [, channels, height, width] = x.shape;
    return reductionTiles(x, device)
      .filter(({ workgroups }) => gridFits(workgroups, device))
      .map(
        ({ setting, constants, workgroups }): Candidate => ({
          kernel: 'global-pool2d',
          setting,
          dispatches: [
            {
              shader,
              constants: { MEAN: Number(node.attributes.fn === 'mean'), ...constants },
              bind: { x: tensor(x), y: tensor(y) },
              params: { x: view(x), y: view(y), height, width, channels, lowest: -Infinity },
              workgroups,
            },
          ],
        }),
      );
  },
};
