import { conv2dStaged } from './conv2d-staged';
import { conv2dVec4 } from './conv2d-vec4';
import { conv2dWorkgroup } from './conv2d-workgroup';

/** Variants of conv2d that no adapter takes by default: tuning tries them, and a lesson measures them. */
export const untaken = [conv2dWorkgroup, conv2dStaged, conv2dVec4];
