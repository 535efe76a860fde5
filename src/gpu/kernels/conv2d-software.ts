import { conv2dPointwiseStationary } from './conv2d-pointwise-stationary';
import { conv2dQuad } from './conv2d-quad';
import { conv2dWinograd4 } from './conv2d-winograd4';
import { conv2dWinograd6 } from './conv2d-winograd6';

export { conv2dDepthwiseColumn } from './conv2d-depthwise-column';

/** Variants of conv2d that only software adapters choose and tuning tries. */
export const softwareVariants = [conv2dPointwiseStationary, conv2dQuad, conv2dWinograd4, conv2dWinograd6];
