import wgsl from '../../shaders/picture-bicubic.wgsl?raw';
import { defineShader } from './shader';

/** Imported lazily: few networks were trained on pictures that were resized so. */
export const bicubic = defineShader('picture-bicubic', wgsl);
