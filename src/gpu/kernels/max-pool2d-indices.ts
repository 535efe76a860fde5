import wgsl from '../../../shaders/max-pool2d-indices.wgsl?raw';
import { imageToImage, type OperatorKernels } from '../kernel';
import { defineShader } from '../shader';
import { slideWindow } from './window';

const shader = defineShader('max-pool2d-indices', wgsl);

/** Where the greatest pixel under a window lies. */
export const maxPool2dIndices: OperatorKernels<'max-pool2d-indices'> = {
  layouts: imageToImage,
  candidates: (context) => slideWindow(shader, context, context.node.attributes, {}, {}),
};
