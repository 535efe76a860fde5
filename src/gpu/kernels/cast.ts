import wgsl from '../../../shaders/cast.wgsl?raw';
import { candidate, elementStorage, keepLayout, type OperatorKernels } from '../kernel';
import { defineShader, withAliases } from '../shader';
import { copying, copyTo, wholeOf } from './strided-copy';
import { vectorWalk } from './vector-walk';

const toInteger = defineShader('cast', wgsl);
const toFloat = withAliases(toInteger, { From: 'vec4i', To: 'Vec4' });

/** Another type, in whichever layout the input has; a plain copy where the numbers stay what they are. */
export const cast: OperatorKernels<'cast'> = {
  layouts: keepLayout,
  candidates: ({ inputs: [x], outputs: [y], device }) => {
    if (x.dtype === y.dtype || (x.dtype === 'bool' && y.dtype === 'int32')) {
      return copying(copyTo(y, wholeOf(x), device));
    }
    const walk = { ...vectorWalk(x, y, device, true), bind: { x, y } };
    const isFloat = y.dtype === 'float32';
    const constants = { ...walk.constants, TO_FLOAT: isFloat, TO_BOOL: y.dtype === 'bool' };
    // Vec4 names the storage of the side that may be float.
    return [
      candidate(isFloat ? toFloat : toInteger, { ...walk, constants, storage: isFloat ? 'float' : elementStorage(x) }),
    ];
  },
};
