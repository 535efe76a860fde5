import wgsl from '../../../shaders/max-pool2d.wgsl?raw';
import { imageToImage, type OperatorKernels } from '../kernel';
import { defineShader } from '../shader';
import { slideWindow } from './window';

const shader = defineShader('max-pool2d', wgsl);

/** The greatest pixel under a window. */
export const maxPool2d: OperatorKernels<'max-pool2d'> = {
  layouts: imageToImage,
  candidates: (context) => {
    const { kernel, dilation } = context.node.attributes;
    const [height, width] = kernel;
    const square = height === width && (width === 2 || width === 3) && dilation.every((step) => step === 1);
    // Nine loads compile for longer than the layer that they save time is likely to take.
    const SQUARE = square && !context.device.profile.slowCompiler ? width : 0;
    return slideWindow(shader, context, context.node.attributes, { SQUARE }, { lowest: -Infinity });
  },
};
