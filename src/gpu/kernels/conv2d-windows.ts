/** Variants of conv2d for windows of several pixels over all channels of a group. */
export { conv2d3x3 } from './conv2d-3x3';
export { conv2dTiled } from './conv2d-tiled';
