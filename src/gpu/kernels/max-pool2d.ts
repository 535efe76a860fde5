import wgsl from '../../../shaders/max-pool2d.wgsl?raw';
import { imageToImage, type OperatorKernels } from '../kernel';
import { defineShader } from '../shader';
import { slideWindow } from './window';

const shader = defineShader('max-pool2d', wgsl);

/** The greatest pixel under a window. */
export const maxPool2d: OperatorKernels<'max-pool2d'> = {
  layouts: imageToImage,
  candidates: (context) => slideWindow(shader, context, context.node.attributes, {}, { lowest: -Infinity }),
};
