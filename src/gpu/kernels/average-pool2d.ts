import wgsl from '../../../shaders/average-pool2d.wgsl?raw';
import { imageToImage, type OperatorKernels } from '../kernel';
import { defineShader } from '../shader';
import { slideWindow } from './window';

const shader = defineShader('average-pool2d', wgsl);

/** The mean under a window. */
export const averagePool2d: OperatorKernels<'average-pool2d'> = {
  layouts: imageToImage,
  candidates: (context) => {
    const { attributes } = context.node;
    const [, , height, width] = context.inputs[0].shape;
    const [, , bottom, right] = attributes.padding;
    const constants = { COUNT_PADDING: attributes.countIncludePad };
    return slideWindow(shader, context, attributes, constants, { padded: [height + bottom, width + right] });
  },
};
