import wgsl from '../../../shaders/global-pool2d.wgsl?raw';
import { candidate, imageToImage, type OperatorKernels } from '../kernel';
import { view } from '../layout';
import { defineShader } from '../shader';
import { reductionTiles } from './reduction-tiles';

const shader = defineShader('global-pool2d', wgsl);

/** The mean or maximum of all pixels. */
export const globalPool2d: OperatorKernels<'global-pool2d'> = {
  layouts: imageToImage,
  candidates: ({ node, inputs: [x], outputs: [y], device }) => {
    const [, channels, height, width] = x.shape;
    const params = { x: view(x), y: view(y), height, width, channels, lowest: -Infinity };
    return reductionTiles(x, device).map(({ grid, setting }) =>
      candidate(shader, { grid, constants: { MEAN: node.attributes.fn === 'mean' }, bind: { x, y }, params }, setting),
    );
  },
};
